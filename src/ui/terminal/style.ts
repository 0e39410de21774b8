/** Symbols with a meaning, so that a line can be read without colours. */
export interface Symbols {
  readonly ok: string;
  readonly failed: string;
  readonly skipped: string;
  readonly back: string;
  readonly warning: string;
  readonly dot: string;
  readonly arrow: string;
  readonly dash: string;
  readonly ellipsis: string;
  /** In front of each line of a host's own output. */
  readonly quote: string;
  readonly barFull: string;
  readonly barEmpty: string;
  readonly spinner: readonly string[];
}

export type Paint = (text: string) => string;

/** How lines look: colours or none, Unicode or ASCII. */
export interface Style {
  readonly color: boolean;
  readonly symbols: Symbols;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

const UNICODE: Symbols = {
  ok: '✔',
  failed: '✖',
  skipped: '↓',
  back: '↩',
  warning: '⚠',
  dot: '·',
  arrow: '→',
  dash: '–',
  ellipsis: '…',
  quote: '│',
  barFull: '█',
  barEmpty: '░',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const ASCII: Symbols = {
  ok: '+',
  failed: 'x',
  skipped: '-',
  back: '<',
  warning: '!',
  dot: '|',
  arrow: '->',
  dash: '-',
  ellipsis: '~',
  quote: '|',
  barFull: '#',
  barEmpty: '.',
  spinner: ['|', '/', '-', '\\'],
};

export function createStyle(options: {
  readonly color: boolean;
  readonly unicode: boolean;
}): Style {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      options.color && text !== '' ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    color: options.color,
    symbols: options.unicode ? UNICODE : ASCII,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
