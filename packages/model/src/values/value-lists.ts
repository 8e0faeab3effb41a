import { closeReasons } from './close-reasons.ts';
import { countries } from './countries.ts';
import { customerSizes } from './customer-sizes.ts';
import { deviceCategories } from './device-categories.ts';
import { errorReasons } from './error-reasons.ts';
import { industries } from './industries.ts';
import { partnerRoles } from './partner-roles.ts';
import { products } from './products.ts';
import { services } from './services.ts';
import { siliconTypes } from './silicon-types.ts';
import { solutionAreas } from './solution-areas.ts';
import { solutionCategories } from './solution-categories.ts';
import { solutionPlays } from './solution-plays.ts';
import type { ValueList } from './value-list.ts';

/** Every value list by name; a property of the referral names the list that its values usually come from. */
export const valueLists = {
  closeReasons,
  countries,
  customerSizes,
  deviceCategories,
  errorReasons,
  industries,
  partnerRoles,
  products,
  services,
  siliconTypes,
  solutionAreas,
  solutionCategories,
  solutionPlays,
} satisfies Record<string, ValueList>;

/** The name of a value list. */
export type ValueListName = keyof typeof valueLists;
