import type { Directory } from '../../store/directory-entry.ts';
import type { Surroundings, Transaction } from '../../store/store.ts';
import type { RuleKey } from '../routing.ts';

/** One change of the directory. Organisations and users are found by id or name. */
export type DirectoryChange =
  | { readonly kind: 'addOrganization'; readonly id: string; readonly name: string; readonly tenantId?: string }
  | { readonly kind: 'removeOrganization'; readonly id: string }
  | {
      readonly kind: 'addLocation';
      readonly organization: string;
      readonly mpnId: string;
      readonly name: string;
      readonly profileId?: string;
    }
  | { readonly kind: 'removeLocation'; readonly organization: string; readonly mpnId: string }
  | {
      readonly kind: 'addUser';
      readonly organization: string;
      readonly name: string;
      readonly email: string;
      readonly tenantId?: string;
      readonly subject?: string;
    }
  | { readonly kind: 'removeUser'; readonly user: string }
  | { readonly kind: 'addRole'; readonly user: string; readonly role: string; readonly mpnId?: string }
  | { readonly kind: 'removeRole'; readonly user: string; readonly role: string; readonly mpnId?: string }
  | (RuleKey & { readonly kind: 'addRoutingRule'; readonly organization: string; readonly mpnId: string })
  | (RuleKey & { readonly kind: 'removeRoutingRule'; readonly organization: string })
  | {
      readonly kind: 'addApplication';
      readonly organization: string;
      readonly name: string;
      readonly clientId?: string;
      readonly redirectUris: readonly string[];
      readonly isPublic: boolean;
    }
  | {
      readonly kind: 'addApiClient';
      readonly organization: string;
      readonly name: string;
      readonly clientId?: string;
    }
  | {
      readonly kind: 'changeClient';
      readonly client: string;
      readonly name?: string;
      readonly redirectUris?: readonly string[];
      readonly isPublic?: boolean;
      readonly isActive?: boolean;
    }
  | {
      readonly kind: 'addClientSecret';
      readonly client: string;
      readonly secretHash: string;
      readonly hint: string;
      /** Milliseconds since 1970. */
      readonly expiresAtMs?: number;
    }
  | { readonly kind: 'removeClientSecret'; readonly client: string; readonly id: string };

/** What a change is made with. */
export interface ChangeInput<Change> {
  readonly transaction: Transaction;
  readonly change: Change;
  readonly surroundings: Surroundings;
  readonly directory: Directory;
}

/** One sort of change, by its name. */
export type Change<Kind extends DirectoryChange['kind']> = Extract<DirectoryChange, { kind: Kind }>;

/** What makes each sort of change; it gives one sentence that says what was done. */
export type Changes<Kind extends DirectoryChange['kind'] = DirectoryChange['kind']> = {
  readonly [One in Kind]: (input: ChangeInput<Change<One>>) => Promise<string>;
};
