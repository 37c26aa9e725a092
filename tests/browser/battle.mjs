// A battle of three, each before a phone of their own.
import assert from 'node:assert/strict';
import { ANYA, BEN, until } from './bottle.mjs';
import { EN, PHONE } from './reader.mjs';

const ROUNDS = 3;
const PICTURE = [1200, 675];

// Which is right, as Telegram has it: the page tells nobody before they have voted.
const keyOf = async (bottle, chat, id) =>
  (await bottle.messages(chat)).find((m) => m.id === id).poll.correct[0];

// The newest poll's message, once the round is asked.
const asked = (bottle, chat, number) =>
  until(
    async () =>
      (await bottle.messages(chat)).findLast((m) => m.poll?.question.startsWith(`${number}/`)),
    `question ${number}`,
  );

async function theGroupIsMade(reader) {
  await reader.button('Новая группа').click();
  const sheet = reader.page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Создать' }).click();
  await reader.page.locator('.head').getByText('Готовимся вместе').waitFor();
  await reader.key('Начать баттл').waitFor();
  return Number(new URL(reader.page.url()).hash.split('/')[1]);
}

// From the list of commands, completed by Tab.
async function battleIsTyped(reader) {
  await reader.field.fill('/bat');
  await reader.page.getByRole('option', { name: '/battle' }).waitFor();
  await reader.field.press('Tab');
  await reader.field.pressSequentially(`python ${ROUNDS}`);
  await reader.field.press('Enter');
}

// Three windows and one round: Anya and Vera are right, Ben is not.
async function aRound(bottle, chat, phones, number) {
  const { id, poll } = await asked(bottle, chat, number);
  const [anya, ben, vera] = phones;
  const key = await keyOf(bottle, chat, id);
  for (const phone of phones) {
    const row = phone.row(id);
    await row.getByRole('timer').waitFor();
    assert.match(await row.getByRole('timer').innerText(), /^0:[0-4]\d$/);
    await row.locator('.poll-description .pre code').waitFor();
    assert.equal(await row.locator('.poll-description code').textContent(), poll.description);
    assert.equal(await row.locator('.result').count(), 0, 'before the vote nothing is told');
    assert.ok((await phone.scrollsSideways()) <= 0, 'the page is not wider than the phone');
  }
  const tap = (phone, option) => phone.row(id).locator(`[data-option="${option}"]`).click();
  await tap(anya, key);
  await anya.row(id).locator('.result.right').waitFor();
  await tap(ben, (key + 1) % 4);
  await ben.row(id).locator('.result.wrong').waitFor();
  await tap(vera, key);
  for (const phone of phones) {
    const said = phone.said(/Ответ:/);
    const answers = phone.log.locator('article').filter({ hasText: /Ответ:/ });
    await until(async () => (await answers.count()) === number, `round ${number} is told`);
    assert.match(await said.textContent(), /✅.*(Аня|Вера) \+[\d\u202f]+.*❌ Ben/s);
  }
}

async function threePhonesPlayABattle(t) {
  const bottle = await t.bottle({ coded: true });
  const { id: vera } = await bottle.control('person', { name: 'Вера', lang: 'ru' });
  const phone = { size: PHONE, touch: true };
  const anya = await t.read(bottle, { ...phone, hash: `#${ANYA}` });
  const chat = await theGroupIsMade(anya);
  const ben = await t.read(bottle, { ...phone, hash: `#${BEN}/${chat}`, locale: 'en-US' });
  const veras = await t.read(bottle, { ...phone, hash: `#${vera}/${chat}` });
  const phones = [anya, ben, veras];

  await battleIsTyped(anya);
  for (const one of phones) await one.said('Ждём второго игрока').waitFor();
  await ben.press('Играю');
  await ben.note('Вы в игре').waitFor();
  await veras.press('Играю');
  await anya.said('Играют: Аня, Ben, Вера').waitFor();
  await anya.press('Начать');
  for (let number = 1; number <= ROUNDS; number++) await aRound(bottle, chat, phones, number);

  for (const one of phones) {
    const picture = one.log.locator('.photo img');
    await picture.waitFor();
    const size = (img) => img.complete && [img.naturalWidth, img.naturalHeight];
    await until(async () => (await picture.evaluate(size))?.[0] > 0, 'the picture is there');
    assert.deepEqual(await picture.evaluate(size), PICTURE);
    const box = await picture.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= PHONE.width, 'the whole picture is to be seen');
    await one.said(/Баттл окончен: Python.*🥇.*🥉 Ben/s).waitFor();
    await one.key('Ещё баттл').waitFor();
  }
  await veras.say('/top');
  await anya.said(/Ben — 0/).waitFor();
  await anya.key('Месяц').waitFor();
}

const offered = async (reader) => {
  await reader.page.locator('.slash').click();
  const list = await reader.page.getByRole('option').locator('strong').allTextContents();
  await reader.page.locator('.slash').click();
  return list;
};

// One question for all, its answer for each alone; and who is offered which commands.
async function aGroupsQuestionIsAnsweredInPrivate(t) {
  const bottle = await t.bottle();
  const reader = await t.read(bottle, { hash: `#${ANYA}` });
  const chat = await theGroupIsMade(reader);
  const forAll = ['/battle', '/top', '/topic', '/help'];
  const own = await offered(reader);
  assert.deepEqual(
    own.filter((c) => forAll.includes(c)),
    forAll,
  );
  assert.ok(own.includes('/daily'), 'an administrator may set the daily question');

  await reader.become(BEN); // who is in the group too, and stays before it
  await reader.page.locator('.head').getByText('Готовимся вместе').waitFor();
  const bens = await offered(reader);
  assert.ok(!bens.includes('/daily'), 'others are not offered it');
  await reader.log.getByRole('link', { name: '/topic' }).first().click(); // in the greeting
  await reader.said('По какой теме задать вопрос?').waitFor();
  await reader.say('/topic django');
  await reader.press('Ответ в личке');
  await reader.page.locator('.start-button').click();
  await reader.key(EN.answer).waitFor();
  assert.equal((await bottle.fromBot(ANYA)).length, 0, 'nobody else hears of it');
  const question = (await bottle.fromBot(BEN)).at(-1).text.split('\n\n')[1];
  assert.ok(question.length > 0);
  assert.deepEqual(
    (await bottle.messages(chat)).filter((m) => /Ответ:|Answer:/.test(m.text)),
    [],
    'the group sees no answer',
  );
}

export const BATTLE = [threePhonesPlayABattle, aGroupsQuestionIsAnsweredInPrivate];
