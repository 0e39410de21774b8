import { expect, test } from 'vitest';
import { parse } from './support/least-config.js';
import { mistakesOf } from './support/shown.js';

const withUnit = (unit: string): string =>
  `app: shop\nroot: /opt/shop\nservice: { unit: "${unit}" }\n`;

test.each(['demo@.service', 'demo@.socket'])(
  'a template, %s, is refused with an instance',
  async (unit) => {
    const instance = unit.replace('@', '@1');
    const instances = unit.replace('@', '@{1..4}');
    expect(await mistakesOf(() => parse(withUnit(unit)))).toEqual([
      `3:18 ${unit} is a template, which is neither started nor restarted: name an instance, such as ${instance} or ${instances}`,
    ]);
  },
);

test('a name with nothing before its @ is refused', async () => {
  expect(await mistakesOf(() => parse(withUnit('@x.service')))).toHaveLength(1);
});

test.each(['demo@1.service', 'a@b@c.service', 'shop.target', 'shop.socket'])(
  '%s is the name of a unit',
  (unit) => {
    expect(parse(withUnit(unit)).app.service.units).toEqual([unit]);
  },
);

test.each([
  ['app@{1..3}.service', ['app@1.service', 'app@2.service', 'app@3.service']],
  ['app@{09..10}.service', ['app@09.service', 'app@10.service']],
  ['app@{a,b}.service', ['app@a.service', 'app@b.service']],
  ['{x,y}@{1..2}.service', ['x@1.service', 'x@2.service', 'y@1.service', 'y@2.service']],
])('the braces of %s are written out', (unit, units) => {
  expect(parse(withUnit(unit)).app.service.units).toEqual(units);
});

test.each([
  ['app@{1..4.service', 'the braces of app@{1..4.service do not match, or are in each other'],
  ['app@{a,{b,c}}.service', 'do not match, or are in each other'],
  ['app@{}.service', '{} is neither {1..4} nor {a,b}'],
  ['app@{4..1}.service', '{4..1} is neither {1..4} nor {a,b}'],
  ['app@{a,}.service', '{a,} is neither {1..4} nor {a,b}'],
  ['app@{1..50}{1..50}.service', 'stands for more than 100 names'],
  ['app{@,x}.service', 'app@.service is a template'],
])('%s is refused', async (unit, why) => {
  expect(await mistakesOf(() => parse(withUnit(unit)))).toEqual([expect.stringContaining(why)]);
});
