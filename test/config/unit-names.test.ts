import { expect, test } from 'vitest';
import { parse } from './support/least-config.js';
import { mistakesOf } from './support/shown.js';

const withUnit = (unit: string): string =>
  `app: shop\nroot: /opt/shop\nservice: { unit: "${unit}" }\n`;

test.each(['demo@.service', 'demo@.socket'])(
  'a template, %s, is refused with an instance',
  async (unit) => {
    const instance = unit.replace('@', '@1');
    expect(await mistakesOf(() => parse(withUnit(unit)))).toEqual([
      `3:18 ${unit} is a template, which is neither started nor restarted: name an instance, such as ${instance}`,
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
