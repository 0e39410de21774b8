import { readFile } from 'node:fs/promises';
import { suggest } from '../../errors/did-you-mean.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { Host } from '../../model/hosts/host.js';
import {
  type RenderedUnits,
  renderTemplate,
  type TemplateValues,
  type UnitTemplate,
  unitFileOf,
} from '../../model/releases/unit-file.js';
import type { App } from '../../model/runs/app.js';

/** Bytes of one template. systemd's own units have some hundred. */
const LARGEST = 16_384;
const MOST_LINES = 400;

/** Reads the templates of an app; none if it has none. Throws `config_invalid`. */
export function readUnitTemplates(app: App): Promise<readonly UnitTemplate[]> {
  const { templates = [], units } = app.service;
  const files = new Set(templates.map(({ name }) => name));
  const without = units.filter((unit) => !files.has(unit) && !files.has(unitFileOf(unit)));
  if (templates.length === 1 && without.length > 0 && without.length < units.length) {
    throw invalid(`service.template: ${without.join(', ')} has no template`, {
      hint: 'with several unit files, name each: template: { shop.service: units/shop.service, … }',
    });
  }
  return Promise.all(templates.map(readTemplate));
}

async function readTemplate({ name, path }: { name: string; path: string }): Promise<UnitTemplate> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw invalid(`the template of ${name} cannot be read: ${cause.message}`, { cause });
  });
  const refuse = (why: string): never => {
    throw invalid(`the template of ${name}, ${path}, ${why}`);
  };
  if (text.trim() === '') refuse('is empty');
  if (Buffer.byteLength(text) > LARGEST) refuse(`has more than ${LARGEST} bytes`);
  if (text.split('\n').length > MOST_LINES) refuse(`has more than ${MOST_LINES} lines`);
  if (/[^\t\r\n\P{Cc}]/u.test(text) || text.includes('\ufffd')) {
    refuse('has control characters, or is not UTF-8');
  }
  return { name, text };
}

/** The unit files that an app brings to each host. Throws `config_invalid`. */
export async function unitFilesFor({
  app,
  hosts,
}: {
  readonly app: App;
  readonly hosts: readonly Host[];
}): Promise<RenderedUnits> {
  return renderUnits(await readUnitTemplates(app), app, hosts);
}

/** The unit files of each host. Throws `config_invalid` for a name that a template uses and a host has not. */
export function renderUnits(
  templates: readonly UnitTemplate[],
  app: App,
  hosts: readonly Host[],
): RenderedUnits {
  const rendered = hosts.map((host) => ({
    host,
    files: templates.map((template) => renderFor(host, template, app)),
  }));
  return new Map(rendered.map(({ host, files }) => [host.name, files]));
}

function renderFor(host: Host, { name, text }: UnitTemplate, app: App) {
  const values = valuesOf(host, app);
  const rendered = renderTemplate(text, values);
  if (rendered.kind === 'text') return { name, text: rendered.text };
  const [unknown = ''] = rendered.names;
  throw invalid(
    `the template of ${name} names {{ ${unknown} }}, which ${host.name} does not have`,
    {
      hint: suggest(unknown, Object.keys(values)),
    },
  );
}

/**
 * By the names that a template may use. systemd reads `%` as the beginning of a specifier, so one in a value
 * is doubled: a value means itself. One with a control character is left out.
 */
function valuesOf(host: Host, app: App): TemplateValues {
  const named = (prefix: string, values: Readonly<Record<string, unknown>>) =>
    Object.entries(values).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[`${prefix}.${key}`, String(value)] as const]
        : [],
    );
  const all = [
    ['app', app.name] as const,
    ['host', host.name] as const,
    ['user', host.ssh.user] as const,
    ...named('vars', host.vars),
    ...named('labels', host.labels),
  ];
  const plain = all.filter(([, value]) => !/\p{Cc}/u.test(value));
  return Object.fromEntries(
    plain
      .map(([key, value]) => [key, value.replaceAll('%', '%%')])
      .concat(Object.entries(rootOf(app))),
  );
}

/** A home is `%h` for systemd, in a unit of the login user; in one of the system that is root's. */
function rootOf({ root, service }: App): TemplateValues {
  if (!root.startsWith('~/')) return { root };
  return service.scope === 'user' ? { root: `%h${root.slice(1)}` } : {};
}

const invalid = (
  message: string,
  details: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
): FleetError => new FleetError('config_invalid', message, details);
