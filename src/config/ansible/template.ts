import type { ScalarValue } from '../yaml/node.js';
import type { Variable } from './data.js';
import type { HeldVariables } from './variables.js';

export type WorkedOut =
  | { readonly kind: 'text'; readonly text: string }
  /** Only Ansible itself can tell, if anything can; the reason ends a sentence that begins with the name. */
  | { readonly kind: 'unknown'; readonly reason: string };

const PLAIN = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g;
const TEMPLATE = /\{\{|\{%|\{#/;
const MAX_DEPTH = 20;

const isTemplate = ({ value, form }: Variable): boolean =>
  form === 'plain' && typeof value === 'string' && TEMPLATE.test(value);

/**
 * A variable of a host as text. `{{ name }}` of another variable, or of `inventory_hostname`, is put
 * in; anything else that Jinja knows is not worked out.
 */
export function workOut(
  variable: Variable,
  host: { readonly name: string; readonly vars: HeldVariables },
  depth = 0,
): WorkedOut {
  if (variable.form === 'vault') return unknown('is encrypted by ansible-vault');
  if (variable.form === 'structure') return unknown('is a list or a map, not a single value');
  if (!isTemplate(variable)) return { kind: 'text', text: pythonText(variable.value) };
  if (depth >= MAX_DEPTH) return unknown('is a template that leads back to itself');
  let reason: string | null = null;
  const text = String(variable.value).replace(PLAIN, (whole, name: string) => {
    const inner = lookUp(name, host, depth);
    if (inner.kind === 'text') return inner.text;
    reason ??= `is ${variable.value}, and ${name} ${inner.reason}`;
    return whole;
  });
  if (reason !== null) return unknown(reason);
  return TEMPLATE.test(String(variable.value).replace(PLAIN, ''))
    ? unknown(`is ${variable.value}, a template that fleet does not work out`)
    : { kind: 'text', text };
}

function lookUp(
  name: string,
  host: { readonly name: string; readonly vars: HeldVariables },
  depth: number,
): WorkedOut {
  if (name === 'inventory_hostname') return { kind: 'text', text: host.name };
  if (name === 'inventory_hostname_short') return { kind: 'text', text: shortName(host.name) };
  const held = host.vars.get(name);
  return held === undefined
    ? unknown('is not set for this host')
    : workOut(held.variable, host, depth + 1);
}

/** An address has no short form. */
const shortName = (name: string): string =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(name) || name.includes(':') ? name : (name.split('.')[0] ?? name);

/** As Jinja writes a value. */
function pythonText(value: ScalarValue): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

const unknown = (reason: string): WorkedOut => ({ kind: 'unknown', reason });
