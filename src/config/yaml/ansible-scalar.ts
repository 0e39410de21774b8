import type { ScalarValue } from './node.js';

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INT =
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * The value of a bare word of YAML in PyYAML, which is YAML 1.1: `yes` is true, `0644` is octal,
 * `22:30` counts sixties. A date stays a text.
 */
export function pyYamlScalar(source: string): ScalarValue {
  if (NULL.test(source)) return null;
  if (BOOL.test(source)) return TRUE.test(source);
  const isInt = INT.test(source);
  if (!isInt && !FLOAT.test(source)) return source;
  const sign = source.startsWith('-') ? -1 : 1;
  const digits = source.replaceAll('_', '').replace(/^[-+]/, '');
  const value = isInt ? intOf(digits) : floatOf(digits);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return source;
  return sign * value || 0;
}

function intOf(digits: string): number {
  if (digits.includes(':')) return sixties(digits);
  if (/^0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  return Number(digits);
}

function floatOf(digits: string): number {
  if (digits.includes(':')) return sixties(digits);
  if (/inf$/i.test(digits)) return Number.POSITIVE_INFINITY;
  return Number(digits);
}

const sixties = (digits: string): number =>
  digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
