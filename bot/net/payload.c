#include "bot/net/payload.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/base/json.h"

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    struct payload *p = arg;
    size_t room = size * n, left = p->len - p->given;
    size_t len = left < room ? left : room;
    memcpy(to, p->data + p->given, len);
    p->given += len;
    return len;
}

/* When a kept connection dies after the request and before the answer, curl rewinds the
 * body and repeats the POST by itself: a second message in somebody's chat. Refusing to
 * rewind ends the call instead, and what to do is decided where the row is known. No form
 * is whole without its last part, the file: it is enough to refuse that one. */
static int refuse_to_rewind(void *arg, curl_off_t offset, int origin)
{
    (void)arg, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

void payload_init(struct payload *p, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, p);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, refuse_to_rewind);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
}

static void must(CURLcode rc)
{
    if (rc != CURLE_OK) /* these fail for want of memory alone */
        abort();
}

static curl_mimepart *part_add(struct payload *p, const char *name)
{
    curl_mimepart *part = curl_mime_addpart(p->form);
    if (!part)
        abort();
    must(curl_mime_name(part, name));
    return part;
}

static void member_add(struct payload *p, const struct cJSON *v)
{
    const char *text = json_text(v, NULL);
    struct buf b = {0};
    if (!text)
        jo_copy(&(struct json_out){.buf = &b}, NULL, v);
    must(curl_mime_data(part_add(p, json_name(v)), text ? text : b.data,
                        CURL_ZERO_TERMINATED));
    buf_free(&b);
}

static void form_make(struct payload *p, CURL *easy, const struct http_req *r)
{
    struct cJSON *tree = json_parse(r->body, strlen(r->body));
    assert(json_is_object(tree));
    p->form = curl_mime_init(easy);
    if (!p->form)
        abort();
    for (const struct cJSON *v = json_first(tree); v; v = json_next(v))
        member_add(p, v);
    json_free(tree);
    curl_mimepart *last = part_add(p, r->file->field);
    must(curl_mime_filename(last, r->file->name));
    must(curl_mime_type(last, r->file->mime));
    must(curl_mime_data_cb(last, (curl_off_t)p->len, give, refuse_to_rewind, NULL, p));
    must(curl_easy_setopt(easy, CURLOPT_MIMEPOST, p->form));
}

void payload_set(struct payload *p, CURL *easy, const struct http_req *r)
{
    assert(!p->form);
    *p = (struct payload){.data = r->file ? r->file->data : r->body,
                          .len = r->file ? r->file->len : strlen(r->body)};
    if (r->file)
        form_make(p, easy, r);
    else
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->len);
}

void payload_clear(struct payload *p, CURL *easy)
{
    if (p->form) {
        curl_easy_setopt(easy, CURLOPT_MIMEPOST, NULL);
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_mime_free(p->form);
    }
    *p = (struct payload){0};
}
