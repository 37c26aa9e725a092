// Pictures of the bot in use, for people to look at: at both widths, in the light and the dark,
// in both languages. Played time begins at a fixed moment, so that nothing in them moves from
// run to run but what was changed in the code.
//
//   node tests/browser/screenshots.mjs [--sobes FILE] [--telegram FILE] [--bank FILE] [--out FOLDER]
import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ANYA, BEN, Bottle, DAY, MINUTE, MONDAY, sleep, until } from './bottle.mjs';
import { EN, PHONE, RU, Reader, WIDE, launch } from './reader.mjs';

const README = { width: 1120, height: 694 };
const README_MOST = 400_000; // bytes
const SETTLED_MS = 350; // bars of a poll
const ROUNDS = 3;
const HEAD_PX = 48; // room for the date over a message
const DAYS = [
  ['good', 'hard', 'good'],
  ['good', 'easy'],
  ['again', 'good', 'good'],
]; // how the questions of each were rated

const LANGUAGES = {
  ru: {
    person: ANYA,
    locale: 'ru-RU',
    words: {
      ...RU,
      hard: 'Трудно',
      easy: 'Легко',
      again: 'Снова',
      rated: 'вернётся|ещё раз',
      deep: 'Подробнее',
      topics: 'Ваши темы',
      newBattle: 'Начать баттл',
      join: 'Играю',
      soon: 'Через 10 секунд',
      begin: 'Начать',
      another: 'Ещё баттл',
      told: 'Ответ:',
      month: 'Месяц',
      inPrivate: 'Ответ в личке',
    },
    others: ['Вера', 'Тимур'],
    group: 'Готовимся вместе',
    talk: ['Кто сегодня ведёт?', 'Давайте я. Первый вопрос — по Django'],
  },
  en: {
    person: BEN,
    locale: 'en-US',
    words: {
      ...EN,
      hard: 'Hard',
      easy: 'Easy',
      again: 'Again',
      rated: 'back|once more',
      deep: 'In depth',
      topics: 'Your topics',
      newBattle: 'Start a battle',
      join: "I'm in",
      soon: 'in 10 seconds',
      begin: 'Start',
      another: 'Another battle',
      told: 'Answer:',
      month: 'Month',
      inPrivate: 'See the answer in private',
    },
    others: ['Vera', 'Tom'],
    group: 'Study group',
    talk: ['Who asks today?', 'I do. The first one is about Django'],
  },
};

function options(argv) {
  const out = {
    sobes: 'build/sobes',
    telegram: 'build/local_telegram',
    bank: 'build/bank.db',
    out: 'build/screenshots',
  };
  for (let i = 0; i + 1 < argv.length; i += 2) {
    const name = argv[i].slice(2);
    if (!(name in out)) throw new Error(`what is ${argv[i]}?`);
    out[name] = argv[i + 1];
  }
  return out;
}

// One language: a world, and windows of both widths and themes onto it.
class Studio {
  static async open(asked, browser, lang) {
    const studio = new Studio();
    Object.assign(studio, { asked, lang, ...LANGUAGES[lang], views: [] });
    studio.bottle = await Bottle.start(asked, { limits: false, coded: true });
    for (const [width, size, scale] of [
      ['wide', WIDE, 1],
      ['phone', PHONE, 2],
    ])
      for (const dark of [false, true]) {
        const reader = await Reader.open(browser, studio.bottle, {
          size,
          scale,
          dark,
          touch: width === 'phone',
          locale: studio.locale,
          hash: `#${studio.person}/${studio.person}`,
        });
        studio.views.push({ reader, name: `${lang}-${width}-${dark ? 'dark' : 'light'}` });
      }
    return studio;
  }

  // The newest message of the bot that has such a button.
  async withKey(label, chat = this.person) {
    const has = (m) => m.keyboard.flat().some((key) => key.text.startsWith(label));
    return until(async () => (await this.bottle.fromBot(chat)).findLast(has), `a button ${label}`);
  }

  press(label) {
    return this.pressBy(this.person, label, this.person);
  }

  async pressBy(person, label, chat) {
    const message = await this.withKey(label, chat);
    const { data } = message.keyboard.flat().find((key) => key.text.startsWith(label));
    await this.bottle.control('press', { person, chat, message: message.id, data });
    return message.id;
  }

  // The message says what it has to by now.
  says(id, pattern) {
    return until(
      async () =>
        new RegExp(pattern).test(
          (await this.bottle.fromBot(this.person)).find((m) => m.id === id)?.text,
        ),
      `message ${id} says ${pattern}`,
    );
  }

  async rate(grade) {
    await this.press(this.words.answer);
    await this.withKey(this.words.good);
    await this.says(await this.press(this.words[grade]), this.words.rated);
  }

  say(text, person = this.person, chat = person) {
    return this.bottle.control('say', { person, chat, text });
  }

  async at(days, time) {
    const [hours, minutes] = time.split(':').map(Number);
    await this.bottle.travelTo(
      MONDAY + days * DAY + (hours * 60 + minutes - (8 * 60 + 30)) * 60_000,
    );
  }

  // Somebody's friends, and a group of all of them with their talk.
  async friends() {
    const ids = [];
    for (const name of this.others)
      ids.push((await this.bottle.control('person', { name, lang: this.lang })).id);
    const { chat } = await this.bottle.control('group', {
      person: this.person,
      title: this.group,
      members: ids,
    });
    for (const [i, id] of ids.entries()) await this.say(this.talk[i], id, chat);
    return { chat, ids };
  }

  // `place` brings each window to what is to be seen.
  async take(scene, place = (reader) => reader.toEnd()) {
    for (const { reader } of this.views) await place(reader);
    await this.settle();
    for (const { reader, name } of this.views)
      await reader.page.screenshot({ path: join(this.asked.out, `${scene}-${name}.png`) });
  }

  async settle() {
    for (const { reader } of this.views) {
      await reader.page.mouse.move(0, 0);
      await reader.quiet();
    }
    await sleep(SETTLED_MS);
  }

  async close() {
    const faults = this.views.flatMap(({ reader, name }) =>
      reader.faults.map((fault) => `${name}: ${fault}`),
    );
    for (const { reader } of this.views) await reader.close();
    await this.bottle.end();
    if (faults.length) throw new Error(faults.join('\n'));
  }
}

async function firstDay(studio) {
  const { words, bottle, person } = studio;
  await studio.take('1-first-contact');
  await studio.say('/start');
  await studio.withKey(words.go);
  await studio.take('2-welcome');
  await studio.press(words.go);
  await studio.withKey(words.answer);
  await studio.take('3-question');
  await studio.press(words.answer);
  const { id } = await studio.withKey(words.good);
  await studio.take('4-answer', (reader) => top(reader, id));
  await studio.says(await studio.press(words.good), words.rated);
  await studio.withKey(words.yes);
  await studio.press(words.deep);
  await until(
    async () =>
      (await bottle.fromBot(person)).some((m) => m.entities.some((e) => e.type === 'pre')),
    'the answer in depth',
  );
  await studio.take('5-in-depth', (reader) => top(reader, id));
  await studio.press(words.yes);
}

// The message at the top of the window.
async function top(reader, id) {
  await reader.row(id).waitFor();
  await reader
    .row(id)
    .evaluate((row, room) => row.closest('.scroller').scrollTo(0, row.offsetTop - room), HEAD_PX);
}

async function someDays(studio) {
  for (const [i, grades] of DAYS.entries()) {
    await studio.at(i + 1, '08:31');
    for (const grade of grades) await studio.rate(grade);
  }
  await studio.withKey(studio.words.answer);
  await studio.at(DAYS.length, '08:35');
  await studio.take('6-notebook');
  await studio.say('/topic');
  await until(
    async () =>
      (await studio.bottle.fromBot(studio.person)).some((m) =>
        m.text.startsWith(studio.words.topics),
      ),
    'the topics',
  );
  await studio.take('7-topics');
}

// Three people play: the lobby, a question with code, who was right, the podium, the boards.
async function battle(studio) {
  const { bottle, person, words } = studio;
  await studio.at(DAYS.length, '19:00');
  const { chat, ids } = await studio.friends();
  await studio.withKey(words.newBattle, chat);
  for (const { reader } of studio.views)
    await reader.page.evaluate((hash) => (location.hash = hash), `${person}/${chat}`);
  await studio.say(`/battle python ${ROUNDS}`, person, chat);
  for (const id of ids) await studio.pressBy(id, words.join, chat);
  const soon = async () =>
    (await bottle.fromBot(chat)).some((m) => m.text.includes(words.soon)) || null;
  await until(soon, 'the lobby with everybody');
  await studio.take('8-lobby');
  await studio.pressBy(person, words.begin, chat);
  for (let n = 1; n <= ROUNDS; n++) await round(studio, chat, [person, ...ids], n);
  await studio.withKey(words.another, chat);
  await studio.take('12-podium');
  await studio.say('/top', ids[1], chat);
  await studio.withKey(words.month, chat);
  await studio.take('13-top');
  await bottle.travelTo((await bottle.now()) + 2 * MINUTE);
  await studio.say('/topic python', ids[1], chat);
  await studio.withKey(words.inPrivate, chat);
  await studio.take('14-question-of-a-group');
}

async function round(studio, chat, players, n) {
  const { bottle, words } = studio;
  const polls = async () => (await bottle.messages(chat)).filter((m) => m.poll);
  const asked = async () => (await polls()).find((m) => m.poll.question.startsWith(`${n}/`));
  const { id, poll } = await until(asked, `question ${n}`);
  if (n === 2) await studio.take('9-round');
  for (const [i, voter] of players.entries()) {
    const option = i === n % 3 ? (poll.correct[0] + 1) % 4 : poll.correct[0];
    await bottle.control('vote', { person: voter, chat, message: id, options: [option] });
  }
  const told = async () =>
    (await bottle.fromBot(chat)).filter((m) => m.text.includes(words.told)).length === n;
  await until(told, `the answer to question ${n}`);
  if (n !== 2) return;
  await studio.take('10-answer');
  await studio.take('11-answered', (reader) => top(reader, id));
}

// The one for the README: a question with its answer, and who else talks.
async function readme(asked, browser) {
  const studio = await Studio.open(asked, browser, 'en');
  const { words, person } = studio;
  await studio.say('/start');
  await studio.press(words.go);
  await studio.rate('good');
  await studio.press(words.yes);
  await studio.at(1, '08:24');
  await studio.friends();
  await studio.at(1, '08:31');
  await studio.press(words.answer);
  await studio.withKey(words.good);
  const { reader } = studio.views[0];
  await reader.page.setViewportSize(README);
  await reader.chat(person).click();
  await reader.key(words.good).waitFor();
  await reader.toEnd();
  await studio.settle();
  const file = join(asked.out, 'readme.png');
  await reader.page.screenshot({ path: file });
  await studio.close();
  const { size } = statSync(file);
  if (size > README_MOST) throw new Error(`${file} has ${size} bytes: more than ${README_MOST}`);
  copyFileSync(file, fileURLToPath(new URL('screenshot.png', import.meta.url)));
}

async function main() {
  const asked = options(process.argv.slice(2));
  rmSync(asked.out, { recursive: true, force: true });
  mkdirSync(asked.out, { recursive: true });
  const browser = await launch();
  for (const lang of Object.keys(LANGUAGES)) {
    const studio = await Studio.open(asked, browser, lang);
    for (const part of [firstDay, someDays, battle]) await part(studio);
    await studio.close();
  }
  await readme(asked, browser);
  await browser.close();
  console.log(`pictures are in ${asked.out}; the README's is tests/browser/screenshot.png`);
}

await main();
