// Learning with the bot: first contact, a question, mornings, weeks, two languages.
import assert from 'node:assert/strict';
import { ANYA, BEN, DAY, MONDAY, ZONE, until } from './bottle.mjs';
import { EN, RU } from './reader.mjs';

const WEEK_LIMIT_MS = 170_000;
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);

async function theFirstQuestionIsThreeClicksAway(t) {
  const bottle = await t.bottle();
  const began = Date.now();
  const reader = await t.read(bottle);
  await reader.page.locator('.start-button').getByText('Начать', { exact: true }).waitFor();
  await reader.firstQuestion();
  t.note(`it is there ${seconds(began)} s after the page was opened`);
  const said = await bottle.messages(ANYA);
  assert.deepEqual(
    said.filter((m) => m.from === ANYA).map((m) => m.text),
    ['/start'],
  );
  assert.match(said.at(-1).text, /^.+ · .+\n\n.+/);
}

async function topicsAreTickedByClicking(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle);
  await reader.begin();
  const ticked = reader.log.locator('.key').filter({ hasText: /^✅ / });
  await ticked.first().waitFor();
  const first = (await ticked.first().textContent()).slice(2);
  for (let n = await ticked.count(); n > 0; n--) {
    await ticked.first().click();
    await until(async () => (await ticked.count()) === n - 1, 'a topic is not ticked any more');
  }
  await reader.press(RU.go);
  await reader.note('Отметьте хотя бы одну тему').waitFor();
  await reader.press(first);
  await until(async () => (await ticked.count()) === 1, 'the topic is ticked again');
  await reader.press(RU.go);
  await reader.key(RU.answer).waitFor();
}

async function aRatingIsSavedAndUndone(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle);
  await reader.firstQuestion();
  await reader.press(RU.answer);
  await reader.press(RU.good);
  await reader.note('Сохранено').waitFor();
  const [question] = (await bottle.fromBot(ANYA)).filter((m) => m.text.includes('Серия: 1 день'));
  assert.ok(question, 'the streak has begun');
  const row = reader.row(question.id),
    quote = row.locator('blockquote');

  const folded = await quote.boundingBox();
  await row.getByRole('button', { name: 'Развернуть цитату' }).click();
  await row.getByRole('button', { name: 'Свернуть цитату' }).waitFor();
  const open = await quote.boundingBox();
  assert.ok(
    open.height > folded.height + 20,
    `the quote unfolds: ${folded.height} px, then ${open.height} px`,
  );

  await reader.press('Отменить оценку');
  await reader.note('Оценка отменена').waitFor();
  await reader.key(RU.good).waitFor();
  assert.ok(!(await row.textContent()).includes('Серия'));
}

async function codeIsShownAsCode(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle);
  await reader.firstQuestion();
  await reader.press(RU.answer);
  await reader.press('Подробнее');
  const block = reader.log.locator('.pre').last();
  await block.waitFor();
  const { text, entities } = (await bottle.fromBot(ANYA)).findLast((m) =>
    m.entities.some((e) => e.type === 'pre'),
  );
  const { offset, length, language } = entities.findLast((e) => e.type === 'pre');
  const code = text.slice(offset, offset + length).replace(/\n$/, '');
  assert.equal(await block.locator('.pre-head span').innerText(), language);
  assert.equal(await block.locator('code').textContent(), code);
  assert.ok((await block.locator('.code-word').count()) > 0, 'keywords have a colour');
  const bubble = reader.log
    .locator('.bubble')
    .filter({ has: reader.page.locator('.pre') })
    .last();
  const outer = await bubble.boundingBox(),
    inner = await block.boundingBox();
  assert.ok(
    inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width,
    'the block stays in its bubble',
  );
  await block.getByRole('button', { name: 'Копировать код' }).click();
  await reader.note('Скопировано').waitFor();
  assert.equal(
    (await reader.page.evaluate(() => navigator.clipboard.readText())).trimEnd(),
    code.trimEnd(),
  );
}

async function tomorrowMorningRingsOnce(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle);
  await reader.firstDay();
  const before = (await bottle.fromBot(ANYA)).length;
  await reader.run('morning', 60_000);
  await reader.key(RU.answer).waitFor();
  const came = (await bottle.fromBot(ANYA)).slice(before);
  assert.deepEqual(
    came.map((m) => m.silent),
    [false],
    came.map((m) => m.text).join('\n---\n'),
  );
  assert.match(came[0].text, /^.+ · .+ · 1 из 5\n/);
  const late = came[0].at_ms - (MONDAY + DAY);
  assert.ok(late >= 0 && late < 11 * 60_000, `the question is ${late / 1000} s late`);
  assert.match(await reader.page.locator('.side .played').innerText(), /вт, 6 марта\s+08:[34]\d/);
  assert.deepEqual(await reader.log.locator('.day-head').allInnerTexts(), ['Вчера', 'Сегодня']);
}

async function aWeekInAMinuteComesToItsEnd(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle);
  await reader.firstDay();
  const from = await bottle.now(),
    before = (await bottle.fromBot(ANYA)).length,
    began = Date.now();
  await reader.run('week', WEEK_LIMIT_MS);
  t.note(`a week took ${seconds(began)} s`);
  assert.ok((await bottle.now()) >= from + 7 * DAY, 'the week is over');
  assert.ok(bottle.botLives());
  // Nobody answers: three mornings bring a question that rings, then it is Mondays and Thursdays.
  const day = (m) => new Date(m.at_ms).toLocaleDateString('en-CA', { timeZone: ZONE });
  const rang = (await bottle.fromBot(ANYA)).slice(before).filter((m) => !m.silent);
  const days = [1, 2, 3, 7].map((i) => day({ at_ms: MONDAY + i * DAY }));
  assert.deepEqual(rang.map(day), days);
  await reader.rate(RU.good);
  await reader.said('Серия: 1 день').waitFor();
  await reader.say('/stats');
  await reader.said('Серия: 1 день · лучшая: 1 день').waitFor();
}

async function anEnglishReaderSeesOnlyEnglish(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle, { locale: 'en-US', hash: `#${BEN}` });
  await reader.page.locator('.start-button').getByText('Start', { exact: true }).waitFor();
  await reader.firstQuestion(EN);
  await reader.press(EN.answer);
  await reader.press(EN.good);
  await reader.note('Saved').waitFor();
  await reader.said('Streak: 1 day').waitFor();
  await reader.press(EN.yes);
  await reader.said('your questions will come at this time').waitFor();
  await reader.say('/settings');
  await reader.key('Quiet hours').waitFor();
  await reader.button('Chat info').first().click();
  await reader.page.locator('.slash').click();
  const { lang, words } = await reader.page.evaluate(() => ({
    lang: document.documentElement.lang,
    words: [
      document.title,
      document.body.innerText,
      ...[...document.querySelectorAll('.row')].map((row) => row.textContent),
      ...[...document.querySelectorAll('[title],[aria-label],[placeholder]')].flatMap((node) => [
        node.title,
        node.getAttribute('aria-label'),
        node.getAttribute('placeholder'),
      ]),
    ],
  }));
  assert.equal(lang, 'en');
  const foreign = words
    .flatMap((text) => (text || '').replaceAll('Русский', '').split('\n'))
    .filter((line) => /[а-яё]/i.test(line));
  assert.deepEqual(foreign, []);
  assert.ok(words[1].includes('a question right now'), 'the command menu is open');
}

async function twoPeopleHaveTheirOwnChats(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle, { hash: `#${BEN}` });
  await reader.begin();
  await reader.key(EN.go).waitFor();
  const others = reader.page.locator('.switcher .badge');
  assert.equal(await others.textContent(), '');
  await bottle.control('say', { person: ANYA, text: '/start' });
  await until(
    async () => (await others.textContent()) === '1',
    'somebody else has one unread message',
  );
  assert.equal(await reader.page.title(), 'Sobes — local Telegram');

  await reader.become(ANYA);
  assert.equal(await reader.page.evaluate(() => document.documentElement.lang), 'ru');
  await reader.key(RU.go).waitFor();
  assert.equal(await reader.log.getByText("Let's go").count(), 0);
  await until(async () => (await others.textContent()) === '', 'it is read');

  // With another chat open, the mark is on the chat and in the title.
  const { chat } = await bottle.control('group', { person: ANYA, title: 'Кружок', members: [BEN] });
  await reader.chat(chat).click();
  await reader.page.locator('.head').getByText('Кружок').waitFor();
  await bottle.control('say', { person: ANYA, text: '/help' });
  await until(async () => (await reader.mark(ANYA)) === '1', 'the chat has one unread message');
  assert.equal(await reader.page.title(), '(1) Sobes — локальный Telegram');
  await reader.chat(ANYA).click();
  await reader.said('Что умеет Собес').waitFor();
  await reader.toEnd(); // the chat opens where it was left, and the welcome is tall
  await until(
    async () => (await reader.page.title()) === 'Sobes — локальный Telegram',
    'it is read',
  );
  assert.equal(await reader.mark(ANYA), '');
  await reader.become(BEN);
  await reader.key(EN.go).waitFor();
}

export const STUDY = [
  theFirstQuestionIsThreeClicksAway,
  topicsAreTickedByClicking,
  aRatingIsSavedAndUndone,
  codeIsShownAsCode,
  tomorrowMorningRingsOnce,
  aWeekInAMinuteComesToItsEnd,
  anEnglishReaderSeesOnlyEnglish,
  twoPeopleHaveTheirOwnChats,
];
