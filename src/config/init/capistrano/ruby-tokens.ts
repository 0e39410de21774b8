import type { Token } from '../script/token.js';

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')', '<': '>' };
const NUMBER = /\d[\d_]*(?:\.\d+)?/y;
const WORD = /@{0,2}[A-Za-z_]\w*[?!]?/y;
const MARK = /=>|->|==|&&|\|\||::|[^\s]/y;
const HEREDOC = /<<[~-]?(['"]?)([A-Za-z_]\w*)\1/y;
const PERCENT = /%([wWiIqQ]?)([[{(<|!/])/y;

/** The tokens of a Ruby file. What is no literal is passed on as words and marks. Never throws; linear in the text. */
export function rubyTokens(text: string): readonly Token[] {
  return new RubyLexer(text.replaceAll('\r\n', '\n')).tokens();
}

class RubyLexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #heredocs: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): readonly Token[] {
    while (this.#at < this.#text.length) {
      if (this.#isLineStart() && this.#text.startsWith('__END__', this.#at)) break;
      if (this.#isLineStart() && this.#text.startsWith('=begin', this.#at)) this.#skipBlock();
      else this.#next();
    }
    return this.#tokens;
  }

  #next(): void {
    const char = this.#text[this.#at] ?? '';
    if (char === '\n') return this.#newline();
    if (char === ';') return this.#take(1, { kind: 'break', line: this.#line });
    if (char === ' ' || char === '\t') return this.#take(1);
    if (char === '#') return this.#take(this.#toLineEnd());
    if (char === '\\' && this.#text[this.#at + 1] === '\n') return this.#take(2);
    if (char === '"' || char === "'") return this.#quoted(char, char === '"');
    if (char === '`') return this.#opaque('`');
    if (char === '%' && this.#percent()) return;
    if (char === '<' && this.#heredoc()) return;
    if (char === '/' && this.#mayBeRegex()) return this.#opaque('/');
    if (char === ':' && this.#symbol()) return;
    if (/\d/.test(char)) return this.#number();
    if (/[A-Za-z_@]/.test(char)) return this.#word();
    this.#pattern(MARK, ([mark]) => ({ kind: 'mark', value: mark, line: this.#line }));
  }

  #newline(): void {
    this.#take(1, { kind: 'break', line: this.#line });
    for (const name of this.#heredocs) this.#skipHeredoc(name);
    this.#heredocs = [];
  }

  #skipHeredoc(name: string): void {
    while (this.#at < this.#text.length) {
      const length = this.#toLineEnd();
      const line = this.#text.slice(this.#at, this.#at + length);
      this.#take(length + 1);
      if (line.trim() === name) return;
    }
  }

  #skipBlock(): void {
    while (this.#at < this.#text.length) {
      const length = this.#toLineEnd();
      const isEnd = this.#text.startsWith('=end', this.#at);
      this.#take(length + 1);
      if (isEnd) return;
    }
  }

  #quoted(close: string, interpolated: boolean): void {
    const { line } = this;
    const value = this.#readTo(close, null, interpolated);
    const isLabel = this.#text[this.#at] === ':' && this.#text[this.#at + 1] !== ':';
    if (isLabel) this.#take(1, { kind: 'label', value, line });
    else this.#tokens.push({ kind: 'text', value, interpolated, line });
  }

  get line(): number {
    return this.#line;
  }

  #opaque(close: string): void {
    const { line } = this;
    this.#readTo(close, null, false);
    this.#tokens.push({ kind: 'opaque', line });
  }

  #percent(): boolean {
    PERCENT.lastIndex = this.#at;
    const [whole, kind = '', open = ''] = PERCENT.exec(this.#text) ?? [];
    if (whole === undefined || (kind === '' && !this.#mayBeValue())) return false;
    const { line } = this;
    this.#at += whole.length - 1;
    const close = CLOSING[open] ?? open;
    const value = this.#readTo(close, close === open ? null : open, kind !== 'q');
    const values = value.split(/\s+/).filter((each) => each !== '');
    if (/[wi]/i.test(kind)) this.#tokens.push({ kind: 'list', values, line });
    else this.#tokens.push({ kind: 'text', value, interpolated: kind !== 'q', line });
    return true;
  }

  /** From the opening sign to the closing one; `nests` is counted. A backslash keeps what follows it. */
  #readTo(close: string, nests: string | null, interpolated: boolean): string {
    let value = '';
    let depth = 0;
    for (this.#take(1); this.#at < this.#text.length; ) {
      const char = this.#text[this.#at] ?? '';
      if (char === '\\') {
        value += this.#text[this.#at + 1] ?? '';
        this.#take(2);
        continue;
      }
      if (interpolated && this.#text.startsWith('#{', this.#at)) {
        value += this.#interpolation();
        continue;
      }
      if (char === close && depth === 0) break;
      if (char === nests) depth += 1;
      if (char === close) depth -= 1;
      value += char;
      this.#take(1);
    }
    this.#take(1);
    return value;
  }

  #interpolation(): string {
    const from = this.#at;
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      this.#take(1);
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      if (char === '}' && depth === 0) break;
    }
    return this.#text.slice(from, this.#at);
  }

  #heredoc(): boolean {
    HEREDOC.lastIndex = this.#at;
    const [whole, , name] = HEREDOC.exec(this.#text) ?? [];
    if (whole === undefined || name === undefined) return false;
    this.#heredocs.push(name);
    this.#take(whole.length, { kind: 'opaque', line: this.#line });
    return true;
  }

  #symbol(): boolean {
    const next = this.#text[this.#at + 1] ?? '';
    const { line } = this;
    if (next === '"' || next === "'") {
      this.#take(1);
      const value = this.#readTo(next, null, false);
      this.#tokens.push({ kind: 'symbol', value, line });
      return true;
    }
    WORD.lastIndex = this.#at + 1;
    const [name] = WORD.exec(this.#text) ?? [];
    if (name === undefined || this.#text[this.#at - 1] === ':') return false;
    this.#take(name.length + 1, { kind: 'symbol', value: name, line });
    return true;
  }

  #number(): void {
    this.#pattern(NUMBER, ([digits]) => ({
      kind: 'number',
      value: Number(digits.replaceAll('_', '')),
      line: this.#line,
    }));
  }

  #word(): void {
    WORD.lastIndex = this.#at;
    const [value] = WORD.exec(this.#text) ?? ['@'];
    const after = this.#at + value.length;
    const isLabel = this.#text[after] === ':' && this.#text[after + 1] !== ':';
    if (isLabel) this.#take(value.length + 1, { kind: 'label', value, line: this.#line });
    else this.#take(value.length, { kind: 'word', value, line: this.#line });
  }

  #pattern(pattern: RegExp, tokenOf: (match: RegExpExecArray) => Token): void {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) this.#take(1);
    else this.#take(match[0].length, tokenOf(match));
  }

  /** A value may begin here, so that `/` and `%` are no operators. */
  #mayBeValue(): boolean {
    const last = this.#tokens.at(-1);
    if (last === undefined || last.kind === 'break' || last.kind === 'label') return true;
    return last.kind === 'mark' && !/[)\]}]/.test(last.value);
  }

  #mayBeRegex(): boolean {
    const end = this.#text.slice(this.#at + 1, this.#at + 1 + this.#toLineEnd()).indexOf('/');
    return this.#mayBeValue() && end !== -1;
  }

  #isLineStart(): boolean {
    return this.#at === 0 || this.#text[this.#at - 1] === '\n';
  }

  #toLineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return (end === -1 ? this.#text.length : end) - this.#at;
  }

  #take(length: number, token?: Token): void {
    for (let i = this.#at; i < this.#at + length; i++) if (this.#text[i] === '\n') this.#line += 1;
    this.#at += length;
    if (token !== undefined) this.#tokens.push(token);
  }
}
