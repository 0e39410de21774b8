import type { Terminal } from '../../../src/ui/terminal/terminal.js';

/** As much of a terminal as the screen uses: cursor up and down, clearing, wrapping, scrolling. */
export class FakeTerminal implements Terminal {
  readonly isTTY = true;
  readonly scrollback: string[] = [];
  cursorHidden = false;
  written = '';
  private lines: string[];
  private row = 0;
  private column = 0;
  private listeners = new Set<() => void>();

  constructor(
    public columns = 80,
    public rows = 24,
  ) {
    this.lines = Array.from({ length: rows }, () => '');
  }

  on(_: 'resize', listener: () => void): void {
    this.listeners.add(listener);
  }

  off(_: 'resize', listener: () => void): void {
    this.listeners.delete(listener);
  }

  get listening(): number {
    return this.listeners.size;
  }

  /** Makes it another size; lines are not wrapped anew, as in xterm. */
  resize(columns: number, rows: number): void {
    this.columns = columns;
    while (this.lines.length > rows) {
      this.scrollback.push(this.lines.shift() ?? '');
      this.row = Math.max(0, this.row - 1);
    }
    while (this.lines.length < rows) this.lines.push('');
    this.rows = rows;
    for (const listener of this.listeners) listener();
  }

  write(text: string): void {
    this.written += text;
    const tokens = text.matchAll(/\x1b\[(\?25[lh]|\d*[ABJKm])|\r|\n|[^\x1b\r\n]/gu);
    for (const [token, control] of tokens) {
      if (control !== undefined) this.control(control);
      else if (token === '\r') this.column = 0;
      else if (token === '\n') this.feed();
      else this.put(token);
    }
  }

  /** What is on the screen, without empty lines at its end. */
  get screen(): readonly string[] {
    const last = this.lines.findLastIndex((line) => line !== '');
    return this.lines.slice(0, last + 1).map((line) => line.trimEnd());
  }

  private control(control: string): void {
    const count = Number.parseInt(control, 10) || 1;
    if (control === '?25l') this.cursorHidden = true;
    else if (control === '?25h') this.cursorHidden = false;
    else if (control.endsWith('A')) this.row = Math.max(0, this.row - count);
    else if (control.endsWith('B')) this.row = Math.min(this.rows - 1, this.row + count);
    else if (control === 'K') this.cut(this.row);
    else if (control === 'J') {
      this.cut(this.row);
      this.lines.fill('', this.row + 1);
    }
  }

  private cut(row: number): void {
    this.lines[row] = (this.lines[row] ?? '').slice(0, this.column);
  }

  private put(char: string): void {
    if (this.column >= this.columns) {
      this.column = 0;
      this.feed();
    }
    const line = (this.lines[this.row] ?? '').padEnd(this.column);
    this.lines[this.row] = line.slice(0, this.column) + char + line.slice(this.column + 1);
    this.column += 1;
  }

  /** As a TTY does, which sends the cursor to the first column with each newline. */
  private feed(): void {
    this.column = 0;
    if (this.row < this.rows - 1) this.row += 1;
    else {
      this.scrollback.push(this.lines.shift() ?? '');
      this.lines.push('');
    }
  }
}
