const letters: Readonly<Record<string, readonly [prefix: string, letter: string]>> = {
  minute: ['PT', 'M'],
  hour: ['PT', 'H'],
  day: ['P', 'D'],
  week: ['P', 'D'],
};

/** `2 days` as ISO 8601 writes it, `P2D`; undefined where the text is no such time. A week is seven days. */
export function parseDuration(text: string): string | undefined {
  const [, count = '', unit = ''] = /^(\d{1,4}) (minute|hour|day|week)s?$/.exec(text.trim()) ?? [];
  const [prefix, letter] = letters[unit] ?? [];
  if (prefix === undefined || letter === undefined || Number(count) === 0) return undefined;
  return `${prefix}${Number(count) * (unit === 'week' ? 7 : 1)}${letter}`;
}
