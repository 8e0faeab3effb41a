import { failure, valueLists } from '@cosell/model';
import type { Directory, RoutingRule } from '../store/directory-entry.ts';

/**
 * The location that gets a referral from Microsoft, by the receiver's rules (facts §16.4). The most exact rule wins:
 * solution and market, then the solution in all markets, then all solutions in the market, then the default. Of several
 * solutions the first that has a rule decides.
 *
 * @returns the location's id; undefined where no rule speaks
 */
export function routeInbound(
  rules: readonly RoutingRule[],
  { country, solutionIds }: { country: string | null; solutionIds: readonly string[] },
): string | undefined {
  const ruleFor = (solutionId: string | null, market: string | null) =>
    rules.find((rule) => rule.solutionId === solutionId && rule.country === market)?.mpnId;
  const bySolution = (market: string | null) => {
    for (const solutionId of solutionIds) {
      const found = ruleFor(solutionId, market);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return bySolution(country) ?? bySolution(null) ?? ruleFor(null, country) ?? ruleFor(null, null);
}

/** What the operator finds a rule by: all solutions, or all markets, where one is left out. */
export interface RuleKey {
  readonly solutionId?: string;
  readonly country?: string;
}

/** The solution and market of a rule. */
type RuledBy = Omit<RoutingRule, 'mpnId'>;

/**
 * The solution and market of a rule, as referrals name them.
 *
 * @throws Failure `directoryRefused`
 */
export function ruleKeyOf({ solutionId, country }: RuleKey): RuledBy {
  if (solutionId !== undefined && !/^[\x21-\x7e]{1,100}$/.test(solutionId)) {
    throw failure('directoryRefused', { reason: 'the id of a solution is text without spaces, such as SOL-34104-EBB' });
  }
  const market = country?.toUpperCase() ?? null;
  if (market !== null && !valueLists.countries.values.includes(market)) {
    throw failure('directoryRefused', { reason: `${country} is no country of two letters, such as US` });
  }
  return { solutionId: solutionId ?? null, country: market };
}

/** The rule of an organisation for a solution and market, if it has one. */
export function findRule({ routingRules }: Directory, organizationId: string, key: RuledBy): RoutingRule | undefined {
  return routingRules.find(
    (rule) =>
      rule.organizationId === organizationId && rule.solutionId === key.solutionId && rule.country === key.country,
  );
}

/** What a rule is for, in words. */
export function ruleText({ solutionId, country }: RuledBy): string {
  return `${solutionId ?? 'all solutions'} in ${country ?? 'all markets'}`;
}
