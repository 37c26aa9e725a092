#include "bot/draw/podium.h"

#include <stdio.h>

#include "bot/base/json.h"
#include "bot/draw/text.h"

enum { PLAYERS_MAX = 10, ON_BLOCKS = 3 };

struct player {
    char *name, *points, *note; /* clean */
};
struct game {
    char *title, *subtitle;
    struct player players[PLAYERS_MAX];
    int n;
};

enum {
    NIGHT = 0x17212b,
    DOODLE = 0x1d2935,
    PANEL = 0x24313e,
    WHITE = 0xf2f5f7,
    MUTED = 0xa9b8c6,
    INK = 0x10171d,
    RIBBON = 0x3390ec,
    RIBBON_DARK = 0x1f78c5,
};

/* Colour is an ornament: the place is told by a number and by the height of the block. */
static const struct {
    unsigned block, rim, disc;
    double height;
} places[ON_BLOCKS] = {
    {0xf5c04a, 0xc98f14, 0xffdc83, 290},
    {0xc3d0dc, 0x8b9aa8, 0xe6edf3, 215},
    {0xdc9b6b, 0xa8683a, 0xf2c39f, 150},
};

/* Where the blocks stand: their width, and which place is on each from left to right. */
static const struct {
    double left, width, gap;
    int blocks, place[ON_BLOCKS];
} stands[] = {
    [1] = {380, 440, 0, 1, {0}},
    [2] = {210, 380, 20, 2, {1, 0}},
    [3] = {90, 328, 18, 3, {1, 0, 2}},
    [4] = {36, 214, 10, 3, {1, 0, 2}}, /* and a list */
};
static const double list_left = 730, list_width = 434;

/* The signs of the craft on the wall behind: place, size, turn. */
static const struct {
    const char *sign;
    double x, y, size, turn;
} doodles[] = {
    {"{ }", 60, 120, 90, -0.3},   {"?", 1090, 130, 120, 0.25}, {"</>", 30, 330, 80, 0.2},
    {"[ ]", 330, 250, 70, 0.35},  {"!=", 1080, 330, 84, -0.2}, {";", 560, 170, 100, 0.2},
    {"( )", 860, 220, 80, -0.25}, {"#", 200, 480, 90, 0.2},    {"=>", 900, 470, 86, 0.15},
    {"*", 1120, 520, 120, 0},     {"&&", 60, 590, 80, -0.2},   {"0x", 690, 300, 76, -0.3},
    {"?", 430, 560, 110, -0.2},   {"{ }", 980, 600, 84, 0.3},
};

static void draw_wall(struct canvas *c)
{
    canvas_fill(c, NIGHT);
    for (size_t i = 0; i < sizeof doodles / sizeof *doodles; i++) {
        cairo_save(c->cr);
        cairo_translate(c->cr, doodles[i].x, doodles[i].y);
        cairo_rotate(c->cr, doodles[i].turn);
        text_draw(c,
                  &(struct text){.words = doodles[i].sign,
                                 .width = 300,
                                 .baseline = 0,
                                 .size = doodles[i].size,
                                 .least_size = doodles[i].size,
                                 .rgb = DOODLE,
                                 .bold = true},
                  NULL);
        cairo_restore(c->cr);
    }
}

static void draw_medal(struct canvas *c, int place, double x, double y)
{
    const double radius = 42;
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(c->cr, x, y);
        cairo_line_to(c->cr, x + side * 20, y - 74);
        cairo_line_to(c->cr, x + side * 44, y - 74);
        cairo_line_to(c->cr, x + side * 26, y);
        cairo_close_path(c->cr);
        canvas_colour(c, side < 0 ? RIBBON : RIBBON_DARK);
        cairo_fill(c->cr);
    }
    cairo_arc(c->cr, x, y, radius, 0, 2 * G_PI);
    canvas_colour(c, places[place].rim);
    cairo_fill(c->cr);
    cairo_arc(c->cr, x, y, radius - 7, 0, 2 * G_PI);
    canvas_colour(c, places[place].disc);
    cairo_fill(c->cr);
    char number[12];
    snprintf(number, sizeof number, "%d", place + 1);
    text_draw(c,
              &(struct text){.words = number,
                             .x = x - radius,
                             .width = 2 * radius,
                             .baseline = y + 16,
                             .size = 44,
                             .least_size = 44,
                             .rgb = INK,
                             .bold = true,
                             .align = TEXT_MIDDLE},
              NULL);
}

static void draw_block(struct canvas *c, const struct player *p, int place, double x,
                       double width)
{
    double top = CANVAS_HEIGHT - places[place].height, inner = x + 8;
    /* Longer than the paper: its lower corners are not seen. */
    canvas_box(c, x, top, width, places[place].height + 40, 16, places[place].block);
    struct text t = {.words = p->points,
                     .x = inner,
                     .width = width - 16,
                     .baseline = top + 66,
                     .size = 52,
                     .least_size = 26,
                     .rgb = INK,
                     .bold = true,
                     .align = TEXT_MIDDLE};
    text_draw(c, &t, NULL);
    t.words = p->note;
    t.baseline = top + 112;
    t.size = 30;
    t.bold = false;
    text_draw(c, &t, NULL);

    struct text_took took;
    t.words = p->name;
    t.baseline = top - 20;
    t.size = 36;
    t.least_size = 26;
    t.lines = 2;
    t.rgb = WHITE;
    t.bold = true;
    text_draw(c, &t, &took);
    draw_medal(c, place, x + width / 2, took.top - 52);
}

/* One row of the list: the place, the name above the note, the points at the right. */
static void draw_row(struct canvas *c, const struct player *p, int place, double top,
                     double height)
{
    bool note = *p->note;
    double middle = top + height / 2, edge = list_left + list_width - 16;
    canvas_box(c, list_left, top, list_width, height, 12, PANEL);
    char number[12];
    snprintf(number, sizeof number, "%d", place + 1);
    struct text t = {.words = number,
                     .x = list_left + 4,
                     .width = 50,
                     .baseline = middle + 10,
                     .size = 28,
                     .least_size = 26,
                     .rgb = MUTED,
                     .bold = true,
                     .align = TEXT_MIDDLE};
    text_draw(c, &t, NULL);

    struct text_took points;
    t.words = p->points;
    t.width = 170;
    t.x = edge - t.width;
    t.rgb = WHITE;
    t.align = TEXT_RIGHT;
    text_draw(c, &t, &points);

    t.words = p->name;
    t.x = list_left + 58;
    t.width = edge - points.width - 14 - t.x;
    t.baseline = note ? middle - 4 : middle + 10;
    t.align = TEXT_LEFT;
    text_draw(c, &t, NULL);
    if (note) {
        t.words = p->note;
        t.baseline = middle + 25;
        t.size = 26;
        t.rgb = MUTED;
        t.bold = false;
        text_draw(c, &t, NULL);
    }
}

static void draw_game(struct canvas *c, const struct game *g)
{
    draw_wall(c);
    struct text t = {.words = g->title,
                     .x = 40,
                     .width = CANVAS_WIDTH - 80,
                     .baseline = 74,
                     .size = 54,
                     .least_size = 40,
                     .rgb = WHITE,
                     .bold = true,
                     .align = TEXT_MIDDLE};
    text_draw(c, &t, NULL);
    t.words = g->subtitle;
    t.baseline = 122;
    t.size = 32;
    t.least_size = 28;
    t.rgb = MUTED;
    t.bold = false;
    text_draw(c, &t, NULL);

    int stand = g->n > ON_BLOCKS ? ON_BLOCKS + 1 : g->n;
    double width = stands[stand].width, step = width + stands[stand].gap;
    for (int i = 0; i < stands[stand].blocks; i++) {
        int place = stands[stand].place[i];
        draw_block(c, &g->players[place], place, stands[stand].left + i * step, width);
    }

    const double list_top = 150, list_bottom = 657, row = 65, row_step = 73.6;
    double all = (g->n - ON_BLOCKS - 1) * row_step + row;
    double first = list_top + (list_bottom - list_top - all) / 2;
    for (int i = ON_BLOCKS; i < g->n; i++)
        draw_row(c, &g->players[i], i, first + (i - ON_BLOCKS) * row_step, row);
}

/* The text `key` of `in`, clean; one that may be missing is then "". NULL for anything
 * but a text. */
static char *clean_at(struct canvas *c, const struct cJSON *in, const char *key,
                      bool may_miss)
{
    const char *words = json_text(in, key);
    if (!words && may_miss && !json_at(in, key))
        words = "";
    return words ? text_clean(c, words) : NULL;
}

static bool read_player(struct canvas *c, const struct cJSON *in, struct player *out)
{
    out->name = clean_at(c, in, "name", false);
    out->points = clean_at(c, in, "points", false);
    out->note = clean_at(c, in, "note", true);
    if (out->name && !*out->name) {
        g_free(out->name);
        out->name = g_strdup(text_unknown);
    }
    return json_is_object(in) && out->name && out->points && out->note;
}

static bool read_game(struct canvas *c, const struct cJSON *in, struct game *out)
{
    out->title = clean_at(c, in, "title", false);
    out->subtitle = clean_at(c, in, "subtitle", true);
    const struct cJSON *players = json_at(in, "players");
    if (!out->title || !out->subtitle || !json_is_array(players))
        return false;
    for (const struct cJSON *p = json_first(players); p; p = json_next(p))
        if (out->n == PLAYERS_MAX || !read_player(c, p, &out->players[out->n++]))
            return false;
    return out->n > 0;
}

bool podium_draw(struct canvas *c, const struct cJSON *in)
{
    struct game g = {0};
    bool good = read_game(c, in, &g);
    if (good)
        draw_game(c, &g);
    for (int i = 0; i < g.n; i++) {
        g_free(g.players[i].name);
        g_free(g.players[i].points);
        g_free(g.players[i].note);
    }
    g_free(g.title);
    g_free(g.subtitle);
    return good;
}
