/* A picture as a small PNG: few colours, one byte a pixel.
 *
 * Drawings are flat areas, edges of glyphs and a few emoji, so a palette loses nothing that
 * an eye finds, and the file is a third of the one with all colours. The palette is made by
 * cutting the set of colours in two, again and again, each time where it errs most. */
#include <png.h>
#include <stdint.h>
#include <stdlib.h>

#include "bot/draw/canvas.h"
#include "bot/draw/fail.h"

enum { CELLS = 32 * 32 * 32, AXES = 3 };

/* All pixels whose colours agree in the upper five bits of each part. */
struct cell {
    double count, mean[AXES];
    int number;
};

/* Cells that share one colour of the palette; `worst` is the axis on which they differ
 * most, `error` the sum of squares there. */
struct box {
    struct cell *cells;
    int n, worst;
    double error, mean[AXES];
};

static int part(uint32_t pixel, int axis)
{
    return pixel >> (16 - 8 * axis) & 255;
}

static int cell_number(uint32_t pixel)
{
    return part(pixel, 0) >> 3 << 10 | part(pixel, 1) >> 3 << 5 | part(pixel, 2) >> 3;
}

static const uint32_t *row_at(const struct canvas *c, int y)
{
    return (const uint32_t *)(const void *)(cairo_image_surface_get_data(c->surface) +
                                            y * cairo_image_surface_get_stride(c->surface));
}

/* Fills `cells` with those that occur; gives their number. */
static int count_colours(const struct canvas *c, struct cell *cells)
{
    for (int y = 0; y < CANVAS_HEIGHT; y++) {
        const uint32_t *row = row_at(c, y);
        for (int x = 0; x < CANVAS_WIDTH; x++) {
            struct cell *cell = &cells[cell_number(row[x])];
            cell->count++;
            for (int a = 0; a < AXES; a++)
                cell->mean[a] += part(row[x], a);
        }
    }
    int n = 0;
    for (int i = 0; i < CELLS; i++) {
        if (cells[i].count == 0)
            continue;
        struct cell cell = cells[i];
        cell.number = i;
        for (int a = 0; a < AXES; a++)
            cell.mean[a] /= cell.count;
        cells[n++] = cell;
    }
    return n;
}

static struct box box_of(struct cell *cells, int n)
{
    struct box b = {.cells = cells, .n = n, .error = -1};
    for (int a = 0; a < AXES; a++) {
        double count = 0, sum = 0, error = 0;
        for (int i = 0; i < n; i++) {
            count += cells[i].count;
            sum += cells[i].count * cells[i].mean[a];
        }
        b.mean[a] = sum / count;
        for (int i = 0; i < n; i++) {
            double off = cells[i].mean[a] - b.mean[a];
            error += cells[i].count * off * off;
        }
        if (error > b.error) {
            b.error = error;
            b.worst = a;
        }
    }
    return b;
}

/* Leaves the darker half in `b` and gives the other; one of them may be empty. */
static struct box box_cut(struct box *b)
{
    int low = 0;
    for (int i = 0; i < b->n; i++) {
        if (b->cells[i].mean[b->worst] > b->mean[b->worst])
            continue;
        struct cell other = b->cells[low];
        b->cells[low++] = b->cells[i];
        b->cells[i] = other;
    }
    struct box rest = {.cells = b->cells + low, .n = b->n - low};
    b->n = low;
    return rest;
}

/* The colours, and for each cell which of them it is; gives how many colours. */
static int choose_palette(struct cell *cells, int n, int max, png_color *palette,
                          uint8_t *colour_of)
{
    struct box boxes[256];
    int used = 1;
    boxes[0] = box_of(cells, n);
    while (used < max) {
        struct box *worst = boxes;
        for (int i = 1; i < used; i++)
            if (boxes[i].error > worst->error)
                worst = &boxes[i];
        if (worst->n < 2 || worst->error <= 0)
            break;
        struct box rest = box_cut(worst);
        if (rest.n == 0 || worst->n == 0) { /* equal but for rounding */
            *worst = rest.n ? box_of(rest.cells, rest.n) : box_of(worst->cells, worst->n);
            worst->error = 0;
            continue;
        }
        *worst = box_of(worst->cells, worst->n);
        boxes[used++] = box_of(rest.cells, rest.n);
    }
    for (int i = 0; i < used; i++) {
        palette[i] = (png_color){.red = (png_byte)(boxes[i].mean[0] + 0.5),
                                 .green = (png_byte)(boxes[i].mean[1] + 0.5),
                                 .blue = (png_byte)(boxes[i].mean[2] + 0.5)};
        for (int k = 0; k < boxes[i].n; k++)
            colour_of[boxes[i].cells[k].number] = (uint8_t)i;
    }
    return used;
}

static void png_trouble(png_structp png, png_const_charp what)
{
    (void)png;
    (void)what;
    fail("libpng gives up");
}

static void png_bytes(png_structp png, png_bytep data, size_t len)
{
    buf_add(png_get_io_ptr(png), data, len);
}

static void png_flush_nothing(png_structp png)
{
    (void)png;
}

void canvas_png(struct canvas *c, int colours, struct buf *out)
{
    cairo_surface_flush(c->surface);
    struct cell *cells = calloc(CELLS, sizeof *cells);
    uint8_t *colour_of = calloc(CELLS, 1);
    if (!cells || !colour_of)
        abort();
    png_color palette[256];
    int used = choose_palette(cells, count_colours(c, cells), colours, palette, colour_of);

    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, png_trouble, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, out, png_bytes, png_flush_nothing);
    png_set_IHDR(png, info, CANVAS_WIDTH, CANVAS_HEIGHT, 8, PNG_COLOR_TYPE_PALETTE,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(png, info, palette, used);
    png_set_compression_level(png, 9);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(png, info);
    for (int y = 0; y < CANVAS_HEIGHT; y++) {
        uint8_t line[CANVAS_WIDTH];
        const uint32_t *row = row_at(c, y);
        for (int x = 0; x < CANVAS_WIDTH; x++)
            line[x] = colour_of[cell_number(row[x])];
        png_write_row(png, line);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(cells);
    free(colour_of);
}
