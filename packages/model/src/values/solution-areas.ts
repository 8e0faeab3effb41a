import type { ValueList } from './value-list.ts';

/** Labels of solution areas. Source: facts §6.15. */
export const solutionAreas: ValueList = {
  year: 2026,
  values: ['AI Business Solutions', 'Cloud and AI Platforms', 'Security'],
};
