type Attributes = Readonly<Record<string, string | number>>;

/** An element of an SVG; its children are elements too, or text through {@link svgText}. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly string[]
): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(shown(value))}"`,
  );
  const open = `<${name}${pairs.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

export function svgText(text: string, attributes: Attributes): string {
  return element('text', attributes, escaped(text));
}

/** Coordinates to a tenth of a pixel, so that the file is the same for the same data. */
function shown(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
