namespace cosell.bench;

// A referral with the members that our server answers, but for links. Instants are text: they have seven digits of a
// second, which CAP's Timestamp has not.

type Instant : String(28);
type Tag     : { id : String; };
type Person  : {
  firstName         : String;
  lastName          : String;
  phoneNumber       : String;
  email             : String;
  title             : String;
  contactPreference : { locale : String; disableNotifications : Boolean; };
};

entity Referrals {
  key id               : UUID;
  engagementId         : UUID;
  name                 : String;
  organizationId       : String;
  organizationName     : String;
  lastModifiedVia      : String;
  lastRunId            : String;
  externalReferenceId  : String;
  createdDateTime      : Instant;
  updatedDateTime      : Instant;
  expirationDateTime   : Instant;
  status               : String;
  substatus            : String;
  statusReason         : String;
  qualification        : String;
  type                 : String;
  referralSource       : String;
  eTag                 : String;
  favorite             : Boolean;
  campaignId           : String;
  salesStage           : String;
  quality              : String;
  isSpam               : Boolean;
  direction            : String;
  mpnId                : String;
  referralProgram      : String;
  dealSensitivity      : String;
  createdVia           : String;
  tags                 : array of { tag : String; };
  acceptedDateTime     : Instant;
  closedDateTime       : Instant;
  callToAction         : String;
  registrationStatus   : String;
  target               : array of { type : String; id : String; };
  customerProfile      : {
    name               : String;
    size               : String;
    isMatchingComplete : Boolean;
    address            : {
      addressLine1 : String;
      addressLine2 : String;
      city         : String;
      state        : String;
      postalCode   : String;
      country      : String;
      region       : String;
    };
    team               : array of Person;
    ids                : array of { profileType : String; id : String; };
  };
  consent              : {
    consentToToShareInfoWithOthers             : Boolean;
    consentToContact                           : Boolean;
    consentToShareReferralWithMicrosoftSellers : Boolean;
  };
  details              : {
    notes                    : String;
    dealValue                : Decimal(18, 4);
    currency                 : String;
    closingDateTime          : Instant;
    customerRequestedContact : Boolean;
    customerAction           : String;
    incentiveLevel           : String;
    requirements             : {
      industries             : array of Tag;
      products               : array of Tag;
      services               : array of Tag;
      solutions              : array of {
        id              : String;
        name            : String;
        type            : String;
        price           : Decimal(18, 4);
        quantity        : Decimal(18, 4);
        currency        : String;
        publisherName   : String;
        solutionType    : String;
        closingDateTime : Instant;
      };
      offers                 : array of Tag;
      salesPlays             : array of Tag;
      additionalRequirements : {
        iot        : {
          customerLicenseAgreementNumber : String;
          deviceCategory                 : String;
          siliconType                    : String;
          azureCertifiedDevice           : Boolean;
          attachServices                 : Boolean;
        };
        attributes : array of { type : String; id : String; };
      };
    };
  };
  team                 : array of Person;
  members              : Composition of many Members on members.referral = $self;
  inviteContext        : {
    notes                 : String;
    assistanceRequestCode : String;
    invitedMpnId          : String;
    invitedBy             : { organizationId : String; organizationName : String; };
  };
  trackingInfo         : {
    microsoftMsxId              : String;
    microsoftUSFedOpportunityId : String;
    microsoftUSFedLeadId        : String;
    migratedPSCDealId           : String;
    migratedPSCPartnerDealId    : String;
  };
  registrations        : array of {
    id                   : String;
    registrationDateTime : Instant;
    status               : String;
    statusReason         : String;
    contract             : {
      value         : Decimal(18, 4);
      currency      : String;
      startDateTime : Instant;
      endDateTime   : Instant;
      signDateTime  : Instant;
      term          : String;
    };
    solutionDetails      : array of {
      id                            : String;
      name                          : String;
      value                         : Decimal(18, 4);
      isDeployedOnAzure             : Boolean;
      primaryDeploymentOn           : String;
      pricingModel                  : String;
      marketplaceTransactionDetails : {
        isMarketplaceTransacted        : Boolean;
        marketplaceTransactionDateTime : Instant;
      };
    };
    statusHistory        : {
      reviewPendingDateTime  : Instant;
      actionRequiredDateTime : Instant;
      passedDateTime         : Instant;
      failedDateTime         : Instant;
      approvedDateTime       : Instant;
    };
  };
}

// The team once more: CAP asks any and all of compositions, not of arrays.
entity Members {
  key referral  : Association to Referrals;
  key position  : Integer;
      firstName : String;
      lastName  : String;
      email     : String;
}
