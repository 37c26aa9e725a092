// One message as a row of the conversation.
import { showPhoto } from './dialogs.js';
import { avatar, button, div, el, icon, span, tone } from './dom.js';
import { formatted, oneLine } from './format.js';
import { pollNode } from './polls.js';
import { keyboardNode } from './presses.js';
import { go } from './place.js';
import { ALL_THREADS, isBot, isPrivate, messageOf, nameOf, state } from './state.js';
import { clockTime, fullTime, t } from './words.js';

const PHOTO_WIDEST = 430,
  PHOTO_TALLEST = 460,
  PHOTO_NARROWEST = 180;
const ONLY_EMOJI =
  /^(?:\p{RI}{2}|\p{Extended_Pictographic}\uFE0F?\p{EMod}?(?:\u200D\p{Extended_Pictographic}\uFE0F?\p{EMod}?)*){1,3}$/u;

// `place`: {chat, first, last} — the message's place among those of its sender.
export function rowNode(message, { chat, first, last }) {
  if (message.service) return serviceNode(message);
  const mine = message.from === state.person;
  const named = !isPrivate(chat) && !mine;
  const classes = {
    out: mine,
    in: !mine,
    first,
    last,
    named,
    pictured: message.photo,
    polled: message.poll,
    keyed: message.keyboard?.length,
  };
  const stack = div('stack', bubbleNode(message, { chat, first, named }), keyboardNode(message));
  if (message.photo) stack.style.setProperty('--wide', `${photoWidth(message.photo)}px`);
  return el(
    'article',
    {
      class: ['row', ...Object.keys(classes).filter((name) => classes[name])].join(' '),
      data: { message: message.id, chat: message.chat },
      tabindex: '-1',
      'aria-label': `${nameOf(message.from)}, ${clockTime(message.at_ms)}`,
    },
    named && span('face', last && avatar(message.from, nameOf(message.from), 'small')),
    stack,
  );
}

function bubbleNode(message, { chat, first, named }) {
  const big = isBigEmoji(message);
  return div(
    `bubble ${big ? 'big' : ''}`,
    named && first && !big && whoNode(chat, message.from),
    first && state.thread === ALL_THREADS && topicNode(chat, message.thread),
    replyNode(message),
    ...contentNodes(message, `${message.chat}:${message.id}`, message.from === state.person),
  );
}

function whoNode(chat, from) {
  return div(`who tone-text-${tone(from)}`, nameOf(from) || t('nobody'), roleMark(chat, from));
}

// Among all topics a message says which is its own.
function topicNode(chat, thread) {
  const topic = chat.topics.find((one) => one.thread === thread);
  const onclick = () => go({ chat: chat.id, thread });
  return topic && button({ class: 'topic-of', onclick }, icon('hash'), topic.name);
}

const isBigEmoji = (m) =>
  !m.photo &&
  !m.document &&
  !m.poll &&
  m.text.length < 24 &&
  /\p{Extended_Pictographic}|\p{RI}/u.test(m.text) &&
  ONLY_EMOJI.test(m.text);

function roleMark(chat, from) {
  const status = isBot(from) ? chat.bot : chat.members.find((m) => m.id === from)?.status;
  if (isBot(from) && status !== 'administrator') return span('role', t('bot'));
  return status === 'creator' || status === 'administrator' ? span('role', t(status)) : null;
}

function contentNodes(message, key, mine) {
  const meta = metaNode(message, mine);
  if (message.poll) return [pollNode(message), meta];
  const nodes = [];
  if (message.photo) nodes.push(photoNode(message));
  if (message.document) nodes.push(documentNode(message.document));
  if (message.text) {
    const entities = isBot(message.from) ? withCommands(message) : message.entities;
    nodes.push(div('text', formatted(message.text, entities, key), meta));
  }
  else nodes.push(meta);
  return nodes;
}

// Commands in what a bot says are links: Telegram finds them by itself, but not in code or links.
const COMMAND = /(?<![\w/<>@.:-])\/\w{1,64}(?:@\w{3,32})?(?![\w/<>])/g;
const CLOSED = new Set(['pre', 'code', 'url', 'text_link', 'bot_command', 'mention', 'email']);

function withCommands({ text, entities }) {
  const closed = entities.filter((e) => CLOSED.has(e.type));
  const found = [...text.matchAll(COMMAND)]
    .map(({ 0: command, index }) => ({
      type: 'bot_command',
      offset: index,
      length: command.length,
    }))
    .filter((c) =>
      closed.every((e) => c.offset + c.length <= e.offset || e.offset + e.length <= c.offset),
    );
  return [...entities, ...found];
}

function metaNode(message, mine) {
  const words = [message.edited_ms ? t('edited') : '', clockTime(message.at_ms)]
    .filter(Boolean)
    .join(' ');
  const hint = [
    fullTime(message.at_ms),
    message.edited_ms ? `${t('edited')}: ${fullTime(message.edited_ms)}` : '',
    message.silent ? t('silent') : '',
  ]
    .filter(Boolean)
    .join('\n');
  return el('span', { class: 'meta', title: hint }, words, mine ? icon('checks') : null);
}

// What a message is in one line.
export function gist(message) {
  const text = oneLine(message.text || '', message.entities);
  if (message.poll) return `📊 ${message.poll.question}`;
  if (message.photo) return text ? `🖼 ${text}` : `🖼 ${t('photo')}`;
  if (message.document) return text ? `📎 ${text}` : `📎 ${message.document.name}`;
  return text;
}

function replyNode(message) {
  if (!message.reply_to) return null;
  const to = messageOf(message.chat, message.reply_to);
  return el(
    'button',
    {
      type: 'button',
      class: `cited tone-edge-${tone(to?.from || 0)}`,
      data: { goto: message.reply_to },
    },
    el('strong', {}, to ? nameOf(to.from) || t('nobody') : t('message')),
    el('span', {}, to ? gist(to) : t('gone_message')),
  );
}

function photoWidth({ width, height }) {
  const shrink = Math.min(1, PHOTO_WIDEST / width, PHOTO_TALLEST / height);
  return Math.max(PHOTO_NARROWEST, Math.round(width * shrink));
}

function photoNode({ photo, text }) {
  const image = el('img', {
    src: photo.url,
    alt: text || t('photo'),
    width: photo.width,
    height: photo.height,
    loading: 'lazy',
    decoding: 'async',
    draggable: 'false',
  });
  image.style.aspectRatio = `${photo.width} / ${photo.height}`;
  return el(
    'button',
    {
      type: 'button',
      class: 'photo',
      'aria-label': t('open_photo'),
      data: { slot: 'photo' },
      onclick: () => showPhoto(photo, text),
    },
    image,
  );
}

function sizeWords(bytes) {
  const units = ['b', 'kb', 'mb'];
  const step = bytes < 1024 ? 0 : bytes < 1024 * 1024 ? 1 : 2;
  const value = bytes / 1024 ** step;
  return `${step ? value.toFixed(value < 10 ? 1 : 0) : value} ${t(units[step])}`;
}

function documentNode(file) {
  const dot = file.name.lastIndexOf('.');
  const ending = dot > 0 ? file.name.slice(dot + 1, dot + 5) : '';
  return el(
    'a',
    {
      class: 'document',
      href: file.url,
      download: file.name,
      'aria-label': `${t('download')}: ${file.name}`,
      data: { slot: 'file' },
    },
    span('document-sign', ending ? el('b', {}, ending) : icon('file'), icon('download')),
    span('document-words', el('strong', {}, file.name), el('small', {}, sizeWords(file.size))),
  );
}

const SERVICE = {
  title: 's_title',
  migrated_to: 's_super',
  migrated_from: 's_super',
  topic_created: 's_topic',
  topic_closed: 's_topic_closed',
  topic_reopened: 's_topic_reopened',
};

export function serviceWords({ service }) {
  const name = nameOf(service.person) || t('nobody');
  const by = nameOf(service.by) || t('nobody');
  const alone = !service.by || service.by === service.person;
  const word =
    service.kind === 'members_in'
      ? service.text && alone
        ? 's_created'
        : alone
          ? 's_in'
          : 's_added'
      : service.kind === 'member_out'
        ? alone
          ? 's_left'
          : 's_kicked'
        : SERVICE[service.kind];
  return word ? t(word, { name, by, text: service.text || '' }) : service.text || service.kind;
}

function serviceNode(message) {
  return el(
    'div',
    {
      class: 'row service',
      data: { message: message.id, chat: message.chat },
      title: fullTime(message.at_ms),
    },
    span('pill', serviceWords(message)),
  );
}
