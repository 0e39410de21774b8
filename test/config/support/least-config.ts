import { type Config, parseConfigs } from '../../../src/config/fleet/file.js';
import { mistakesOf } from './shown.js';

/** The least that a fleet.yaml must say: three lines. */
export const LEAST = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';

export function parse(text: string): Config {
  const [config] = parseConfigs({ file: '/srv/fleet.yaml', text, home: '/home/me' });
  return config;
}

export function withLeast(text: string): Config {
  return parse(LEAST + text);
}

/** Mistakes in what is below the least config, so from line 4 on. */
export function mistakes(text: string): Promise<readonly string[]> {
  return mistakesOf(() => withLeast(text));
}
