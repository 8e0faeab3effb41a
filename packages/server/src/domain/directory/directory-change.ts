import type { ActKind } from '../../store/act.ts';
import type { Directory } from '../../store/directory-entry.ts';
import type { Surroundings, Transaction } from '../../store/store.ts';
import type { RuleKey } from '../routing.ts';

/** A user, by name or e-mail address; by his name alone where his organisation's id is given. */
interface UserReference {
  readonly user: string;
  readonly organizationId?: string;
}

/** One change of the directory. Organisations, users and clients are found by id or name. */
export type DirectoryChange =
  | { readonly kind: 'addOrganization'; readonly id: string; readonly name: string; readonly tenantId?: string }
  | {
      readonly kind: 'changeOrganization';
      readonly organization: string;
      readonly name?: string;
      readonly isActive?: boolean;
    }
  | { readonly kind: 'removeOrganization'; readonly id: string }
  | {
      readonly kind: 'addLocation';
      readonly organization: string;
      readonly mpnId: string;
      readonly name: string;
      readonly profileId?: string;
    }
  | {
      readonly kind: 'changeLocation';
      readonly organization: string;
      readonly mpnId: string;
      readonly name?: string;
      readonly isActive?: boolean;
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
  | (UserReference & { readonly kind: 'changeUser'; readonly email?: string; readonly isActive?: boolean })
  | { readonly kind: 'removeUser'; readonly user: string }
  | (UserReference & { readonly kind: 'addRole'; readonly role: string; readonly mpnId?: string })
  | (UserReference & { readonly kind: 'removeRole'; readonly role: string; readonly mpnId?: string })
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
      /** For how many days it is good, where no instant is given. */
      readonly days?: number;
    }
  | { readonly kind: 'removeClientSecret'; readonly client: string; readonly id: string }
  | {
      readonly kind: 'addInvitation';
      readonly organization: string;
      readonly email: string;
      /** The name that the user is to have; without it he chooses it. */
      readonly userName?: string;
      readonly roles: readonly { readonly role: string; readonly mpnId?: string }[];
      /** SHA-256 of the secret of its link. */
      readonly codeHash: string;
    }
  | { readonly kind: 'withdrawInvitation'; readonly organization: string; readonly id: string }
  | {
      readonly kind: 'withdrawConsent';
      readonly organization: string;
      /** Empty for that of the organisation. */
      readonly userName: string;
      readonly clientId: string;
    };

/** What a change is made with. */
export interface ChangeInput<Change> {
  readonly transaction: Transaction;
  readonly change: Change;
  readonly surroundings: Surroundings;
  readonly directory: Directory;
  /** The name of the user who makes it; empty for the operator. */
  readonly actor: string;
  /** Whether an exchange is loaded, whose users keep what they prove themselves by. */
  readonly isLoading: boolean;
}

/** What a change has come to. */
export interface DirectoryDone {
  /** One sentence that says what was done. */
  readonly done: string;
  /** The organisation that it concerns. */
  readonly organizationId: string;
  /** By what its entry is found again; for a user his name. */
  readonly key: string;
  /** What the audit says of it beside its kind: ids, and never a name or an address. */
  readonly audited: Readonly<Record<string, string | number | boolean | null>>;
  /** The kind of its record; `directoryChanged` where there is none. */
  readonly act?: ActKind;
  /** Whom or what it was done to, for the audit, which keeps a keyed hash of it. */
  readonly about: string;
}

/** One sort of change, by its name. */
export type Change<Kind extends DirectoryChange['kind']> = Extract<DirectoryChange, { kind: Kind }>;

/** What makes each sort of change. */
export type Changes<Kind extends DirectoryChange['kind'] = DirectoryChange['kind']> = {
  readonly [One in Kind]: (input: ChangeInput<Change<One>>) => Promise<DirectoryDone>;
};
