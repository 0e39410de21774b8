import type { App } from './app.js';

/**
 * The flags with which a command names an app and its hosts: `-g prod`, after `--app shop` if fleet.yaml
 * has several apps.
 */
export const whereFlags = (
  { name, several }: Pick<App, 'name' | 'several'>,
  group = 'GROUP',
): string => `${several === true ? `--app ${name} ` : ''}-g ${group}`;
