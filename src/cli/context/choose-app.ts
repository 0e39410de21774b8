import type { Config, Configs } from '../../config/fleet/file.js';
import { suggest } from '../../errors/did-you-mean.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { Context } from './context.js';
import { filled } from './identity.js';
import type { CommonOptions } from './options.js';

/** The app that `--app` names, or else the variable FLEET_APP. */
const namedApp = (context: Context, options: CommonOptions): string | undefined =>
  options.app ?? filled(context.env.FLEET_APP);

/** The app that is named; every app of the file if none is. Throws `usage` for a name that is not there. */
export function chooseApps(context: Context, options: CommonOptions, configs: Configs): Configs {
  const name = namedApp(context, options);
  if (name === undefined) return configs;
  const config = configs.find(({ app }) => app.name === name);
  if (config !== undefined) return [config];
  const by = options.app === undefined ? ' (FLEET_APP)' : '';
  throw new FleetError('usage', `fleet.yaml has no app ${name}${by}`, {
    hint: suggest(name, namesOf(configs)),
  });
}

/** The one app of a command that changes hosts. Throws `usage` if the file has several and none is named. */
export function chooseApp(context: Context, options: CommonOptions, configs: Configs): Config {
  const [config, ...others] = chooseApps(context, options, configs);
  if (others.length === 0) return config;
  const names = namesOf(configs);
  throw new FleetError('usage', `fleet.yaml has several apps, and none is named`, {
    hint: `name one: ${names.map((name) => `--app ${name}`).join(', or ')}`,
  });
}

const namesOf = (configs: Configs): readonly string[] => configs.map(({ app }) => app.name);
