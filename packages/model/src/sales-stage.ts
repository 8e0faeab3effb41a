/** The percentage of each stage and the names that stand for it (facts §6.9, decision 18). */
export const salesStages: Readonly<Record<string, readonly string[]>> = {
  '10': ['Created', 'Accepted'],
  '20': ['Qualify', 'Qualified'],
  '40': ['Develop', 'Developed'],
  '60': ['Propose', 'Proposed'],
  '80': ['Negotiate', 'Negotiated', 'Close'],
  '100': ['Won'],
};

/** The percentage that a text names, as it is written; undefined where it names none. */
export function readSalesStage(text: string): string | undefined {
  const folded = text.toLowerCase();
  const found = Object.entries(salesStages).find(
    ([percentage, names]) => percentage === text || names.some((name) => name.toLowerCase() === folded),
  );
  return found?.[0];
}

/**
 * All spellings of the sales stage that a text names, the percentage first: imported referrals keep the spelling that
 * they came with. A text that names none stands for itself.
 */
export function salesStageSpellings(text: string): readonly string[] {
  const percentage = readSalesStage(text);
  return percentage === undefined ? [text] : [percentage, ...(salesStages[percentage] ?? [])];
}
