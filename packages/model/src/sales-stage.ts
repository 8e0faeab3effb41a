/** Names of the stages and the percentage that each stands for (facts §6.9, decision 18). */
export const salesStages: Readonly<Record<string, string>> = {
  created: '10',
  accepted: '10',
  qualify: '20',
  qualified: '20',
  develop: '40',
  developed: '40',
  propose: '60',
  proposed: '60',
  negotiate: '80',
  negotiated: '80',
  close: '80',
  won: '100',
};

/** The percentages, as they are written. */
export const salesPercentages = ['10', '20', '40', '60', '80', '100'] as const;

/** Reads a stage by its name or percentage; undefined for anything else. */
export function readSalesStage(text: string): string | undefined {
  const word = text.toLowerCase();
  if (Object.hasOwn(salesStages, word)) return salesStages[word];
  return salesPercentages.find((percentage) => percentage === text);
}
