/* sockets: descriptors that stay registered in libuv from open to close.
 *
 * curl forgets a socket after every call and asks for it again with the next one. Leaving
 * and entering epoll each time would cost nearly as much CPU as the call itself, so a
 * socket that nobody wants stays registered for reading until it says something. */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H

struct sockets;
struct uv_loop_s;

/* events: UV_READABLE and UV_WRITABLE; negative: the descriptor is in error. The callback
 * may watch, open and close any socket. */
typedef void sockets_cb(void *arg, int fd, int events);

struct sockets *sockets_new(struct uv_loop_s *loop, sockets_cb *ready,
                            void *arg);                                  /* keeps */
int sockets_open(struct sockets *s, int family, int type, int protocol); /* -1: failed */
/* What the callback is wanted for, 0 for nothing. A descriptor not opened here is left
 * alone. */
void sockets_watch(struct sockets *s, int fd, int events);
int sockets_close(struct sockets *s, int fd); /* the answer of close() */
/* What is not closed by now, curl has closed without a word. */
void sockets_free(struct sockets *s);

#endif
