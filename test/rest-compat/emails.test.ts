import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../http/running-app.ts';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const post = (email: string) => app.send('POST', '/api/postback', { email });
const long = (length: number): string => {
  const [local, ...labels] = ['x', 'd', 'e'].map((letter, i) => letter.repeat(i === 0 ? 64 : 60));
  const rest = `${local}@${labels.join('.')}.`;
  return `${rest}${'f'.repeat(length - rest.length - 5)}.test`;
};

/** An address is taken when mail could go to it as people write addresses: nobody is refused for a rare sign, nothing else passes for one. */
const taken = [
  'simple@example.com',
  'very.common@example.com',
  'x@example.com',
  'long.email-address-with-hyphens@and.subdomains.example.com',
  'user.name+tag+sorting@example.com',
  'name/surname@example.com',
  'admin@a.test',
  'mailhost!username@example.org',
  'user%example.com@example.org',
  'user-@example.org',
  '_______@example.com',
  '1234567890@example.com',
  'email@example-one.com',
  'email@example.name',
  'email@example.museum',
  'email@example.co.jp',
  'firstname-lastname@example.com',
  "o'brien@example.com",
  '!def!xyz%abc@example.com',
  'customer/department=shipping@example.com',
  '$A12345@example.com',
  '#!$%&*+-/=?^_`{}|~@example.org',
  'a+b@example.co.uk',
  'a.b.c.d.e.f@example.com',
  'jo@1and1.com',
  'jo@xn--bcher-kva.example',
  'jo@bücher.example',
  '用户@例子.广告',
  'ñandú@example.com',
  'jörg@example.com',
  'иван@пример.рф',
  'jo@a.b.c.d.e.example',
  'jo@ex-am-ple.com',
  'jo@123.com',
  `${'x'.repeat(64)}@example.com`,
  `jo@${'d'.repeat(63)}.com`,
  long(254),
  ' padded@example.com ',
];

const refused = [
  'plainaddress',
  'Abc.example.com',
  '@example.com',
  'jo@',
  '@',
  'a@b@c@example.com',
  'two@@example.com',
  'jo@example',
  'jo@localhost',
  'jo@.example.com',
  'jo@example..com',
  'jo@example.com.',
  'jo@-example.com',
  'jo@example-.com',
  'jo@example.c',
  '.jo@example.com',
  'jo.@example.com',
  'jo..smith@example.com',
  'jo smith@example.com',
  'jo@exam ple.com',
  'jo@example.com jo@example.org',
  'jo@example.com, kim@example.com',
  'jo@example.com;kim@example.com',
  'Jo <jo@example.com>',
  '<jo@example.com>',
  'mailto:jo@example.com',
  '"much.more unusual"@example.com',
  '"very.unusual.@.unusual.com"@example.com',
  '""@example.com',
  'a"b(c)d,e:f;g<h>i[j\\k]l@example.com',
  'just"not"right@example.com',
  'this\\ still"not\\\\allowed@example.com',
  'jo(comment)@example.com',
  'jo@[123.123.123.123]',
  'jo@[IPv6:2001:db8::1]',
  'jo@exam_ple.com',
  'jo@example.com/path',
  'jo@example.com?x=1',
  'jo@example!com',
  'jo@example,com',
  'jo@example.com:25',
  'jo@ex\u0000ample.com',
  'jo\u0000@example.com',
  'jo\n@example.com',
  'jo@example.com\r\nBcc: all@example.com',
  'jo\t@example.com',
  '\u200b',
  'あいうえお',
  `${'x'.repeat(65)}@example.com`,
  `jo@${'d'.repeat(64)}.com`,
  long(255),
  `${'x'.repeat(9000)}@example.com`,
];

it.each(taken)('row 21: takes %j and gives it back as it was sent', async (email) => {
  const { status, body } = await post(email);
  expect([200, 201]).toContain(status);
  const { body: shown } = await app.send('GET', `/api/leads/${String(body['lead_id'])}`);
  expect(shown).toMatchObject({ lead: { email: email.trim().normalize('NFC') } });
});

it.each(refused)('row 21: refuses %j', async (email) => {
  expect(await post(email)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', issues: [{ path: 'email' }] } });
});

it('row 21: knows an address in any case and in either form of its domain; a plus-tag is another one', async () => {
  const { body: first } = await post('Jo@X.test');
  expect((await post('jo@x.test')).body).toMatchObject({ lead_id: first['lead_id'] });
  expect((await app.send('GET', `/api/leads/${String(first['lead_id'])}`)).body).toMatchObject({ lead: { email: 'jo@x.test' } });
  expect((await post('jo+tag@x.test')).body['lead_id']).not.toBe(first['lead_id']);
  const { body: idn } = await post('jo@BÜCHER.test');
  expect((await post('jo@xn--bcher-kva.test')).body['lead_id']).toBe(idn['lead_id']);
});
