import type { Imported } from '../imported.js';
import type { Statement, Token } from '../script/token.js';

const UNIT = /([A-Za-z0-9:_.@-]+\.(?:service|target|socket))\b/;

/** The unit that a statement restarts or names; null if it does neither. */
export function unitIn({ tokens, line }: Statement, file: string): Imported['unit'] {
  const texts = tokens.flatMap(textOf);
  const from = `${file}:${line}`;
  if (texts.some((text) => /\bsystemctl\b/.test(text))) {
    const name = UNIT.exec(texts.join(' '))?.[1];
    return name === undefined ? null : { name, from };
  }
  const [call, setting, value] = tokens;
  const isName =
    call?.kind === 'word' && setting?.kind === 'symbol' && /service_unit_name$/.test(setting.value);
  if (!isName) return null;
  const given = tokens.slice(2).find((token) => token.kind === 'text') ?? value;
  if (given?.kind !== 'text' || given.value.includes('#{')) return null;
  return { name: given.value.includes('.') ? given.value : `${given.value}.service`, from };
}

function textOf(token: Token): readonly string[] {
  if (token.kind === 'list') return token.values;
  if (token.kind === 'text' || token.kind === 'symbol' || token.kind === 'word')
    return [token.value];
  return [];
}
