#include "bot/draw/canvas.h"

#include <string.h>

static bool has_family(const char *name)
{
    PangoFontFamily **all;
    int n;
    bool found = false;
    pango_font_map_list_families(pango_cairo_font_map_get_default(), &all, &n);
    for (int i = 0; i < n; i++)
        found = found || strcmp(pango_font_family_get_name(all[i]), name) == 0;
    g_free(all);
    return found;
}

bool canvas_open(struct canvas *c, bool emoji)
{
    if (!has_family("DejaVu Sans"))
        return false;
    c->surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, CANVAS_WIDTH, CANVAS_HEIGHT);
    c->cr = cairo_create(c->surface);
    c->layout = pango_cairo_create_layout(c->cr);
    c->emoji = emoji;

    /* Said here and not in fonts.conf, where it would put out the emoji. */
    cairo_font_options_t *how = cairo_font_options_create();
    cairo_font_options_set_antialias(how, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(how, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(how, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(c->layout), how);
    cairo_font_options_destroy(how);
    return true;
}

void canvas_close(struct canvas *c)
{
    g_object_unref(c->layout);
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
}

void canvas_colour(struct canvas *c, unsigned rgb)
{
    cairo_set_source_rgb(c->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                         (rgb & 255) / 255.0);
}

void canvas_fill(struct canvas *c, unsigned rgb)
{
    canvas_colour(c, rgb);
    cairo_paint(c->cr);
}

void canvas_box(struct canvas *c, double x, double y, double width, double height,
                double radius, unsigned rgb)
{
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, x + width - radius, y + radius, radius, -G_PI / 2, 0);
    cairo_arc(c->cr, x + width - radius, y + height - radius, radius, 0, G_PI / 2);
    cairo_arc(c->cr, x + radius, y + height - radius, radius, G_PI / 2, G_PI);
    cairo_arc(c->cr, x + radius, y + radius, radius, G_PI, 3 * G_PI / 2);
    cairo_close_path(c->cr);
    canvas_colour(c, rgb);
    cairo_fill(c->cr);
}
