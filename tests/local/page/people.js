// Who is played: the switcher at the top of the list, adding people and groups, and the look.
import { closeMenu, openMenu, showSheet } from './dialogs.js';
import { avatar, div, el, icon, iconButton, span } from './dom.js';
import { ask } from './feed.js';
import { go, isPhone } from './place.js';
import { complain } from './presses.js';
import { isSounding, setSounding, unreadOf } from './reading.js';
import { chatOf, hear, isInside, isPrivate, me, state } from './state.js';
import { setTheme, theme } from './theme.js';
import { language, t } from './words.js';

const LANGUAGES = [
  ['ru', 'Русский'],
  ['en', 'English'],
  ['uk', 'Українська'],
  ['kk', 'Қазақша'],
  ['de', 'Deutsch'],
];

const face = span('switch-face');
const who = el('strong', {});
const others = span('badge quiet');
const switcher = el(
  'button',
  {
    type: 'button',
    class: 'switcher',
    'aria-haspopup': 'menu',
    'aria-expanded': 'false',
    onclick: openPeople,
  },
  face,
  span('switch-words', span('switch-name', who, icon('down')), el('small', {})),
  others,
);
export const peopleBar = el(
  'header',
  { class: 'people-bar' },
  switcher,
  iconButton('pencil', 'new_group', newGroup),
);

function draw() {
  const person = me();
  if (!person) return;
  const name = t('you_are', { name: person.name });
  const waiting = [...state.people.keys()]
    .filter((id) => id !== person.id)
    .reduce((n, id) => n + unreadOf(id), 0);
  if (face.dataset.person !== `${person.id}${person.name}`)
    face.replaceChildren(avatar(person.id, person.name, 'small'));
  face.dataset.person = `${person.id}${person.name}`;
  who.textContent = name;
  switcher.dataset.person = person.id;
  switcher.setAttribute('aria-label', `${name}. ${t('who_to_be')}`);
  const line = t(state.linked ? 'switch_person' : 'connecting');
  switcher.querySelector('small').textContent = line;
  switcher.classList.toggle('unlinked', !state.linked);
  others.textContent = waiting > 99 ? '99+' : waiting || '';
}

// Another person stays in a group that is open, if they are in it: so one plays for several.
// Else undefined, their last chat; on a phone that shows the list, 0: the list.
function chatAs(person) {
  const chat = state.chat && chatOf(state.chat);
  if (!chat) return isPhone() ? 0 : undefined;
  return !isPrivate(chat) && isInside(chat, person) ? chat.id : undefined;
}

function openPeople() {
  const people = [...state.people.values()].map((person) => ({
    text: person.name,
    small: [
      LANGUAGES.find(([code]) => code === person.lang)?.[1] || person.lang,
      person.blocks ? t('blocked') : '',
    ]
      .filter(Boolean)
      .join(' · '),
    face: avatar(person.id, person.name, 'small'),
    checked: person.id === state.person,
    data: { person: person.id },
    badge: person.id === state.person ? 0 : unreadOf(person.id) || 0,
    onclick: () => go({ person: person.id, chat: chatAs(person.id) }),
  }));
  openMenu(
    switcher,
    [
      ...people,
      { text: t('add_person'), sign: 'personPlus', onclick: addPerson },
      el('hr', {}),
      { text: t('new_group'), sign: 'group', onclick: newGroup },
      {
        text: t(isSounding() ? 'sound_on' : 'sound_off'),
        sign: isSounding() ? 'bell' : 'bellOff',
        onclick: () => setSounding(!isSounding()),
      },
      themeRow(),
    ],
    t('who_to_be'),
  );
}

function themeRow() {
  const choices = [
    ['auto', 'auto'],
    ['light', 'sun'],
    ['dark', 'moon'],
  ];
  return el(
    'div',
    { class: 'theme-row', role: 'group', 'aria-label': t('theme') },
    choices.map(([name, sign]) =>
      el(
        'button',
        {
          type: 'button',
          role: 'menuitemradio',
          'aria-checked': String(theme() === name),
          title: t(`theme_${name}`),
          'aria-label': t(`theme_${name}`),
          data: { theme: name },
          onclick: () => (setTheme(name), closeMenu()),
        },
        icon(sign),
      ),
    ),
  );
}

const input = (props) =>
  el('input', { class: 'input', autocomplete: 'off', maxlength: '64', ...props });
const labelled = (word, ...nodes) =>
  el('label', { class: 'labelled' }, el('span', {}, t(word)), ...nodes);

// A row with a switch; `name` is the checkbox in the form.
export function switchRow(word, hint, on, props = {}) {
  return el(
    'label',
    { class: 'switch-row' },
    el('span', {}, word, hint ? el('small', {}, hint) : null),
    el('input', { type: 'checkbox', role: 'switch', class: 'switch', checked: on, ...props }),
  );
}

// A sheet with one button that does something and closes it, or says why it could not.
function askSheet(title, content, word, run) {
  const submit = el('button', { class: 'button', type: 'submit' }, t(word));
  const close = showSheet(title, content, [submit]);
  submit.form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await run(new FormData(submit.form));
      close();
    } catch (error) {
      submit.disabled = false;
      complain(error);
    }
  });
}

function addPerson() {
  const langs = el(
    'select',
    { class: 'input', name: 'lang' },
    LANGUAGES.map(([code, name]) =>
      el('option', { value: code, selected: code === language() }, name),
    ),
  );
  askSheet(
    t('add_person'),
    [
      labelled('name', input({ name: 'name', required: true, autofocus: true })),
      labelled('language', langs),
    ],
    'add',
    async (form) => {
      const { id } = await ask('person', { name: form.get('name').trim(), lang: form.get('lang') });
      const arrived = () =>
        state.people.has(id) || new Promise((ready) => setTimeout(ready, 20)).then(arrived);
      await arrived();
      go({ person: id, chat: id });
    },
  );
}

function newGroup() {
  const others = [...state.people.values()].filter((person) => person.id !== state.person);
  const members = others.map((person) =>
    el(
      'label',
      { class: 'pick' },
      avatar(person.id, person.name, 'small'),
      el('span', {}, person.name),
      el('input', { type: 'checkbox', name: 'member', value: person.id, checked: true }),
    ),
  );
  askSheet(
    t('new_group'),
    [
      labelled(
        'group_title',
        input({ name: 'title', required: true, autofocus: true, value: t('group_default') }),
      ),
      el('h3', {}, t('members')),
      members.length ? div('picks', members) : el('p', { class: 'hint' }, t('no_others')),
      switchRow(t('supergroup'), t('supergroup_hint'), false, { name: 'super' }),
      switchRow(t('forum'), t('forum_hint'), false, { name: 'forum' }),
      switchRow(t('with_bot'), '', true, { name: 'bot' }),
    ],
    'create',
    async (form) => {
      const forum = form.has('forum');
      const { chat } = await ask('group', {
        person: state.person,
        title: form.get('title').trim(),
        members: form.getAll('member').map(Number),
        kind: forum || form.has('super') ? 'supergroup' : 'group',
        forum,
        bot: form.has('bot'),
      });
      const arrived = () =>
        state.chats.has(chat) || new Promise((ready) => setTimeout(ready, 20)).then(arrived);
      await arrived();
      go({ chat, step: isPhone() });
    },
  );
}

export function mountPeople() {
  hear('place people log read link chats', draw);
}
