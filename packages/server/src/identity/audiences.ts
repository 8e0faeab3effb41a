/** Audiences of the built-in issuer's tokens (decision 8). A trailing slash makes no difference. */
const partnerApi = ['https://api.partner.microsoft.com', '4990cffe-04e8-4e8b-808a-1175604b879f'];
const partnerCenterApi = ['https://api.partnercenter.microsoft.com', 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'];

/** Which tokens a route takes: those for the Partner API, or those for the older Partner Center API too. */
export type AudienceClass = 'partner' | 'partnerCenter';

/** The audiences of built-in tokens that a route takes. `origins` are this server's own addresses. */
export function builtInAudiences(audience: AudienceClass, origins: readonly string[]): string[] {
  const names = [...partnerApi, ...origins, ...(audience === 'partnerCenter' ? partnerCenterApi : [])];
  return names.flatMap((name) => (name.includes('://') ? [name, `${name}/`] : [name]));
}

/** The audience that tokens for a sample user name: the documented one. */
export const documentedAudience = partnerApi[0] as string;
