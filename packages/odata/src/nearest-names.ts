/** Longer names resemble nothing, and comparing them would cost their square. */
const longestName = 64;

/**
 * The known names that a wrong one was probably meant to be, the nearest first: those that share more than half of
 * their letters with it, in order, case apart, and nearly as many as the nearest does. So `closeDate` leads to
 * `closingDateTime`.
 */
export function nearestNames(wrong: string, known: readonly string[], most = 3): string[] {
  if (wrong.length > longestName) return [];
  const given = wrong.toLowerCase();
  const alike = known.map((name) => ({ name, likeness: likenessOf(given, name.toLowerCase()) }));
  const best = Math.max(...alike.map(({ likeness }) => likeness));
  return alike
    .filter(({ likeness }) => likeness > 0.5 && likeness > 0.9 * best)
    .sort((one, other) => other.likeness - one.likeness || (one.name < other.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Twice the letters in common, in order, over all letters: 1 for the same word, 0 for nothing in common. */
function likenessOf(one: string, other: string): number {
  // A part of a name nearly names it: `created` leads to all that begins so.
  if (one.length >= 4 && one !== other && other.includes(one)) return 0.95;
  let before = new Array<number>(other.length + 1).fill(0);
  for (const letter of one) {
    const row = [0];
    for (let at = 0; at < other.length; at += 1) {
      const longer = other[at] === letter ? (before[at] ?? 0) + 1 : Math.max(before[at + 1] ?? 0, row[at] ?? 0);
      row.push(longer);
    }
    before = row;
  }
  return (2 * (before[other.length] ?? 0)) / (one.length + other.length);
}
