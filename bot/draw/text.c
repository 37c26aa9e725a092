#include "bot/draw/text.h"

#include <string.h>

enum {
    MARKS = 2, /* accents on one letter: é̂ is someone's name, ten of them are not */
    LOOKED_AT = 2048 /* bytes of raw text: the rest cannot be seen */
};

const char text_unknown[] = "•••";
static const char ellipsis[] = "…";

/* Letters with no ink: the trick of nameless names. */
static bool is_blank(gunichar c)
{
    return g_unichar_isspace(c) || c == 0x115f || c == 0x1160 || c == 0x2800 ||
           c == 0x3164 || c == 0xffa0;
}

/* What may stay of the invisible ones: joiners shape letters and make emoji one, tags are
 * the flags of England, Scotland and Wales. */
static bool is_useful_format(gunichar c)
{
    return c == 0x200c || c == 0x200d || (c >= 0xe0020 && c <= 0xe007f);
}

/* One line without what would break it: single spaces, none at the ends, no controls, no
 * marks without a letter, and few on one. */
static GString *plain_line(const char *words)
{
    GString *line = g_string_new(NULL);
    bool space = true; /* before the next one: at the start as after a space */
    int marks = 0;
    for (const char *p = words; *p && p - words < LOOKED_AT; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        GUnicodeType type = g_unichar_type(c);
        bool format = type == G_UNICODE_FORMAT;
        if (is_blank(c) || type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
            type == G_UNICODE_PARAGRAPH_SEPARATOR) {
            if (!space)
                g_string_append_c(line, ' ');
            space = true;
            continue;
        }
        if (format && (space || !is_useful_format(c)))
            continue;
        if (g_unichar_ismark(c)) {
            if (space || ++marks > MARKS)
                continue;
        } else if (!format) {
            marks = 0;
        }
        g_string_append_unichar(line, c);
        space = false;
    }
    if (line->len && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    return line;
}

static void set_font(struct canvas *c, double size, bool bold)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, c->emoji ? "DejaVu Sans,Noto Color Emoji"
                                                            : "DejaVu Sans");
    /* Without emoji nothing stands in for a glyph that bold lacks and normal has. */
    pango_font_description_set_weight(font, bold && c->emoji ? PANGO_WEIGHT_BOLD
                                                             : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(c->layout, font);
    pango_font_description_free(font);

    PangoAttrList *attrs = pango_attr_list_new();
    pango_attr_list_insert(attrs, pango_attr_fallback_new(c->emoji));
    pango_layout_set_attributes(c->layout, attrs);
    pango_attr_list_unref(attrs);
}

static bool can_show(struct canvas *c, const char *words, gssize len)
{
    pango_layout_set_text(c->layout, words, (int)len);
    return pango_layout_get_unknown_glyphs_count(c->layout) == 0;
}

/* Bytes of the letter at `from`, as people count letters. */
static size_t cluster_len(const char *from, const PangoLogAttr *attrs, int chars_left)
{
    const char *p = from;
    int i = 0;
    do {
        p = g_utf8_next_char(p);
        i++;
    } while (i < chars_left && !attrs[i].is_cursor_position);
    return (size_t)(p - from);
}

/* Copies a letter to `out`, or its plain form (styled Latin, wide forms) when only that has
 * glyphs. False when neither has. */
static bool add_cluster(struct canvas *c, const char *from, size_t len, GString *out)
{
    if (can_show(c, from, (gssize)len)) {
        g_string_append_len(out, from, (gssize)len);
        return true;
    }
    char *plain = g_utf8_normalize(from, (gssize)len, G_NORMALIZE_NFKC);
    bool shown = plain && *plain && can_show(c, plain, -1);
    if (shown)
        g_string_append(out, plain);
    g_free(plain);
    return shown;
}

char *text_clean(struct canvas *c, const char *words)
{
    GString *line = plain_line(words);
    pango_layout_set_width(c->layout, -1);
    set_font(c, 32, false);
    bool whole = can_show(c, line->str, (gssize)line->len);
    if (whole && line->len <= TEXT_MAX)
        return g_string_free(line, FALSE);

    int chars;
    const PangoLogAttr *lent = pango_layout_get_log_attrs_readonly(c->layout, &chars);
    PangoLogAttr *attrs = g_memdup2(lent, (gsize)chars * sizeof *attrs);
    GString *out = g_string_new(NULL);
    bool hole = false; /* the letter before was unknown */
    for (int i = 0; i < chars - 1;) {
        const char *from = g_utf8_offset_to_pointer(line->str, i);
        size_t len = cluster_len(from, attrs + i, chars - 1 - i);
        if (out->len + len > TEXT_MAX) {
            g_string_append(out, ellipsis);
            break;
        }
        bool shown = add_cluster(c, from, len, out);
        if (!shown && !hole)
            g_string_append(out, text_unknown);
        hole = !shown;
        i += (int)g_utf8_strlen(from, (gssize)len);
    }
    g_free(attrs);
    g_string_free(line, TRUE);
    return g_string_free(out, FALSE);
}

/* The largest size that shows all of it; the least one with an ellipsis else. */
static double fit(struct canvas *c, const struct text *t)
{
    double size = t->size;
    for (;; size -= 2) {
        set_font(c, size, t->bold);
        if (size - 2 < t->least_size || !pango_layout_is_ellipsized(c->layout))
            return size;
    }
}

static double last_baseline(PangoLayout *layout)
{
    PangoLayoutIter *at = pango_layout_get_iter(layout);
    while (pango_layout_iter_next_line(at))
        ;
    double y = pango_units_to_double(pango_layout_iter_get_baseline(at));
    pango_layout_iter_free(at);
    return y;
}

void text_draw(struct canvas *c, const struct text *t, struct text_took *out)
{
    static const PangoAlignment aligns[] = {
        [TEXT_LEFT] = PANGO_ALIGN_LEFT,
        [TEXT_MIDDLE] = PANGO_ALIGN_CENTER,
        [TEXT_RIGHT] = PANGO_ALIGN_RIGHT,
    };
    int lines = t->lines ? t->lines : 1;
    PangoLayout *layout = c->layout;
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, pango_units_from_double(t->width));
    pango_layout_set_height(layout, -lines);
    pango_layout_set_alignment(layout, aligns[t->align]);
    pango_layout_set_text(layout, t->words, -1);
    double size = fit(c, t), top = t->baseline - last_baseline(layout);

    PangoRectangle box;
    pango_layout_get_extents(layout, NULL, &box);
    double width = pango_units_to_double(box.width), x = pango_units_to_double(box.x);
    /* Pango takes "left" as "where this script begins"; a table has one left. */
    double wanted = t->align == TEXT_LEFT    ? 0
                    : t->align == TEXT_RIGHT ? t->width - width
                                             : x;
    cairo_save(c->cr);
    /* Marks may climb a little; a glyph as wide as a sentence stays in its place. */
    cairo_rectangle(c->cr, t->x, t->baseline - size * (0.1 + 1.25 * lines), t->width,
                    size * (0.45 + 1.25 * lines));
    cairo_clip(c->cr);
    cairo_move_to(c->cr, t->x + wanted - x, top);
    canvas_colour(c, t->rgb);
    pango_cairo_show_layout(c->cr, layout);
    cairo_restore(c->cr);
    if (out)
        *out = (struct text_took){.top = top, .width = width};
}
