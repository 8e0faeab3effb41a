import type { RoutingRule } from '../store/store.ts';

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
