/* word_form: the placeholders and the HTML of one text of content/words. */
#include <string.h>

#include "content/compiler/letters.h"
#include "content/compiler/words.h"

enum { BUTTON_MAX = 40, TOAST_MAX = 200, MESSAGE_MAX = 4096, TAG_DEPTH = 16 };

/* Names that C or the generated functions have taken. */
static const char taken[] =
    " auto break case char const continue default do double else enum extern float for "
    "goto "
    "if inline int long register restrict return short signed sizeof static struct switch "
    "typedef union unsigned void volatile while "
    "w ru en fill values plural_ru plural_en ";
static const char tags[] = " b i u s code pre a blockquote tg-spoiler ";

static bool is_one_of(const char *list, const char *word, size_t len)
{
    if (len == 0 || len > 20)
        return false;
    char padded[24] = " ";
    memcpy(padded + 1, word, len);
    padded[len + 1] = ' ';
    padded[len + 2] = '\0';
    return strstr(list, padded) != NULL;
}

/* `body` is what stands between the braces. False: reported. */
static bool parse_placeholder(struct words_read *w, const struct node *n, int line,
                              const char *body, struct word_arg *out)
{
    static const struct {
        const char *name;
        enum arg_kind kind;
    } kinds[] = {{"", ARG_AS_IS}, {":text", ARG_ESCAPED}, {":int", ARG_NUMBER}};
    size_t len = strspn(body, "abcdefghijklmnopqrstuvwxyz0123456789_");
    bool good = len > 0 && body[0] >= 'a' && body[0] <= 'z';
    size_t k = 0;
    while (k < 3 && strcmp(body + len, kinds[k].name) != 0)
        k++;
    if (!good || k == 3) {
        fault_at(w->report, n->file, line,
                 "{%s} is no placeholder; write {name}, {name:text} or {name:int}", body);
        return false;
    }
    if (is_one_of(taken, body, len)) {
        fault_at(w->report, n->file, line,
                 "placeholder {%s}: this name is taken in C; choose another", body);
        return false;
    }
    *out = (struct word_arg){arena_text(w->arena, body, len), kinds[k].kind};
    return true;
}

/* The index of the argument, -1 after a fault. */
static int place_arg(struct words_read *w, struct word_text *t, const struct node *n,
                     int line, const struct word_arg *arg, bool grow)
{
    for (size_t i = 0; i < t->arg_count; i++) {
        if (strcmp(t->args[i].name, arg->name) != 0)
            continue;
        if (t->args[i].kind == arg->kind)
            return (int)i;
        fault_at(w->report, n->file, line,
                 "placeholder {%s} has another type elsewhere in '%s'; use one type",
                 arg->name, t->key);
        return -1;
    }
    if (!grow || t->arg_count == WORD_ARGS) {
        fault_at(w->report, n->file, line,
                 grow ? "'%s' has too many placeholders to take {%s}"
                      : "the Russian '%s' lacks the placeholder {%s}; use it there too",
                 t->key, arg->name);
        return -1;
    }
    t->args[t->arg_count] = *arg;
    return (int)t->arg_count++;
}

static const char *name_end(const char *p)
{
    return p + strcspn(p, " >/{}<");
}

/* Telegram's HTML: known tags, closed in order; & only in &lt; &gt; &amp; &quot;. */
static void check_html(struct words_read *w, const struct node *n)
{
    struct {
        const char *name;
        size_t len;
    } open[TAG_DEPTH];
    int depth = 0;
    for (const char *p = n->text; *p; p++) {
        int line = node_line(n, (size_t)(p - n->text));
        if (*p == '&') {
            size_t len = strcspn(p, ";");
            if (p[len] != ';' || !is_one_of(" lt gt amp quot ", p + 1, len - 1))
                fault_at(w->report, n->file, line,
                         "a bare &; write &amp; (or &lt; &gt; &quot;)");
            continue;
        }
        if (*p != '<')
            continue;
        bool closing = p[1] == '/';
        const char *name = p + 1 + closing, *end = name_end(name);
        size_t len = (size_t)(end - name);
        const char *close = strchr(end, '>');
        if (!is_one_of(tags, name, len) || !close) {
            fault_at(w->report, n->file, line,
                     "<%.*s is no tag of Telegram; use b i u s code pre a blockquote "
                     "tg-spoiler, or &lt;",
                     (int)(len < 20 ? len : 20), name);
            return;
        }
        if (!closing && depth == TAG_DEPTH) {
            fault_at(w->report, n->file, line, "tags are nested too deep");
            return;
        }
        if (closing && (depth == 0 || open[depth - 1].len != len ||
                        memcmp(open[depth - 1].name, name, len) != 0)) {
            fault_at(w->report, n->file, line, "</%.*s> closes nothing that is open here",
                     (int)len, name);
            return;
        }
        if (closing)
            depth--;
        else
            open[depth].name = name, open[depth++].len = len;
        p = close;
    }
    if (depth > 0)
        fault(w->report, n, "<%.*s> is never closed; close it", (int)open[depth - 1].len,
              open[depth - 1].name);
}

static void check_markup(struct words_read *w, const struct word_text *t,
                         const struct node *n, size_t shown)
{
    bool button = strncmp(t->key, "btn_", 4) == 0,
         toast = strncmp(t->key, "toast_", 6) == 0;
    size_t max = button ? BUTTON_MAX : toast ? TOAST_MAX : MESSAGE_MAX;
    if (shown > max)
        fault(w->report, n, "the text has %zu characters; cut it to %zu", shown, max);
    if (!button && !toast) {
        check_html(w, n);
        return;
    }
    if (strpbrk(n->text, "<&"))
        fault(w->report, n, "buttons and toasts are plain text: no < and no &");
    if (strstr(n->text, ":text}"))
        fault(w->report, n,
              "buttons and toasts are plain text: write {name}, not {name:text}");
}

const char *word_form(struct words_read *w, struct word_text *t, const struct node *n,
                      bool grow)
{
    if (n->kind != NODE_TEXT || !*n->text) {
        fault(w->report, n, "'%s' must be a text that is not empty", t->key);
        return "";
    }
    struct buf out = {0};
    size_t marks = 0;
    for (const char *p = n->text; *p; p++) {
        int line = node_line(n, (size_t)(p - n->text));
        if (*p == '}')
            fault_at(w->report, n->file, line, "a } without its {");
        if (*p != '{') {
            buf_add(&out, p, 1);
            continue;
        }
        const char *close = strchr(p, '}');
        struct word_arg arg;
        if (!close) {
            fault_at(w->report, n->file, line, "a { without its }");
            break;
        }
        const char *body = arena_text(w->arena, p + 1, (size_t)(close - p - 1));
        int i = -1;
        if (parse_placeholder(w, n, line, body, &arg))
            i = place_arg(w, t, n, line, &arg, grow);
        if (i >= 0) {
            buf_printf(&out, "\1%c", 'a' + i);
            marks += 2;
        }
        p = close;
    }
    const char *form = arena_text(w->arena, out.data ? out.data : "", out.len);
    buf_free(&out);
    check_markup(w, t, n, letters(form) - marks);
    return form;
}
