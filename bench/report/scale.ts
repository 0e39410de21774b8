/** From a value to a place, by its logarithm. */
export interface LogScale {
  readonly place: (value: number) => number;
  /** Round values within the range: 1, 2 and 5 of each decade, or fewer where it is long. */
  readonly ticks: readonly number[];
}

/** A scale over all of the values, with `from` and `to` as the places of the least and the most. */
export function logScale(
  values: readonly number[],
  [from, to]: readonly [number, number],
): LogScale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [low, high] = least === most ? [least / 2, most * 2] : [least, most];
  const span = Math.log(high / low);
  return {
    place: (value) => from + ((to - from) * Math.log(value / low)) / span,
    ticks: roundValues(low, high),
  };
}

function roundValues(low: number, high: number): readonly number[] {
  const steps = high / low > 3000 ? [1] : [1, 2, 5];
  const first = Math.floor(Math.log10(low));
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - first + 1 },
    (_, i) => first + i,
  );
  return decades
    .flatMap((decade) => steps.map((step) => Number((step * 10 ** decade).toPrecision(1))))
    .filter((value) => value >= low * 0.999 && value <= high * 1.001);
}
