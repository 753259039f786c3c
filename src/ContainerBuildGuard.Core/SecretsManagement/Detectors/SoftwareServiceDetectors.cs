using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Tokens of software that is rented: content, customers, documents, design, maps, travel.</summary>
internal static class SoftwareServiceDetectors
{
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Service.Token("notion-token", "Notion token", @"ntn_\d{10,12}\w{32,36}", entropy: 3.5),
        Service.Token("notion-secret", "Notion integration secret", @"<secret_>\w{43}", entropy: 3.8),
        Service.Token("linear-key", "Linear API key", @"<lin_api_|lin_oauth_>\w{32,64}", entropy: 3.2),
        Service.Token("figma-token", "Figma token", @"<figd_|figu_|figo_|figor_|figoh_>\u{36,60}", entropy: 3.3),
        Service.Token("airtable-token", "Airtable token", @"<pat[A-Z0-9a-bdfgj-su-z]>\w{13}.\h{64}", entropy: 3.5),
        Service.Token("clickup-token", "ClickUp token", @"<pk_[0-9]>\d{5,8}_[A-Z0-9]{32}", entropy: 3.3),
        Service.Token("hubspot-token", "HubSpot private app token", @"<pat-na|pat-eu|pat-ap>\d-\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3, ignoreCase: true),
        Service.Token("salesforce-token", "Salesforce access token", @"<00D[A-Za-z0-9]>[A-Za-z0-9]{11,14}![A-Za-z0-9_.]{60,120}", entropy: 4),
        Service.Token("salesforce-refresh-token", "Salesforce refresh token", @"<5Aep>[A-Za-z0-9_.=]{60,90}", entropy: 4),
        Service.Token("dropbox-token", "Dropbox short-lived token", @"<sl.A|sl.B|sl.C|sl.u.>[A-Za-z0-9_=-]{120,1400}", entropy: 4),
        Service.Token("frameio-token", "Frame.io token", @"<fio-u->[A-Za-z0-9_=-]{64}", entropy: 3.5),
        Service.Token("typeform-token", "Typeform token", @"tfp_[A-Za-z0-9_.=-]{40,60}", entropy: 3.4),
        Service.Token("cal-key", "Cal.com key", @"<cal_live_|cal_test_|cal_>\h{32}", entropy: 3),
        Service.Token("mapbox-secret-token", "Mapbox secret token", @"<sk.ey>[A-Za-z0-9_-]{40,120}.\u{20,24}", entropy: 3.8),
        Service.Token("adobe-secret", "Adobe client secret", @"<p8e-|p8-[A-Za-z0-9]>[A-Za-z0-9_-]{32}", entropy: 3.3),
        Service.Token("contentstack-token", "Contentstack token", @"<blt[0-9a-f]>\h{15,39}", entropy: 3, scope: SecretScope.AppText),
        Service.Token("builder-key", "Builder.io private key", @"bpk-\h{32}", entropy: 3),
        Service.Token("canva-token", "Canva token", @"<cnvca>\w{40,60}", entropy: 3.5),
        Service.Token("planet-key", "Planet API key", @"PLAK\h{32}", entropy: 3),
        Service.Token("retool-token", "Retool token", @"<retool_>[0-9a-z]{26}", entropy: 3.3),
        Service.Token("ionic-token", "Ionic token", @"<ion_>[A-Za-z0-9]{42}", entropy: 3.5),
        Service.Token("thunderstore-token", "Thunderstore token", @"tss_\w{32,40}", entropy: 3.4),
        Service.Token("fullstory-key", "FullStory key", @"<na1.|eu1.>\b{50,120}[=]{0,2}", entropy: 4, scope: SecretScope.AppText),
        Service.Token("lichess-token", "Lichess token", @"<lip_>\w{20,40}", entropy: 3.4),
        Service.Token("roblox-cookie", "Roblox Open Cloud cookie", @"<WARNING:-DO-NOT-SHARE-THIS.>[A-Za-z0-9_.,|!' -]{60,200}\H{100,1200}", entropy: 4),
        Service.Token("riot-games-key", "Riot Games key", @"<RGAPI->\H{8}-\H{4}-\H{4}-\H{4}-\H{12}", entropy: 3),
        Service.Token("trello-token", "Trello token", @"ATTA\H{72}", entropy: 3),
        Service.Token("zoho-token", "Zoho token", @"<1000.>\h{32}.\h{32}", entropy: 3.2),
        Service.Token("facebook-app-token", "Facebook app access token", @"\d{15,16}<%7C[A-Za-z0-9_-]>\u{26,39}", entropy: 3.6),
        Service.Token("linkedin-token", "LinkedIn client secret", @"<WPL_AP1.|WPL_AP0.>\w{16}.\b{6,10}[=]{0,2}", entropy: 3.3),
        Service.Token("mongodb-atlas-secret", "MongoDB Atlas service account secret", @"<mdb_sa_sk_>\u{40}", entropy: 3.5),
        Service.Token("cockroach-token", "CockroachDB Cloud key", @"CCDB1_\w{22}_\w{40}", entropy: 3.5),
        Service.Token("convex-key", "Convex deploy key", @"<prod:|dev:>[a-z]{3,20}-[a-z]{3,20}-\d{1,4}[|]eyJ[A-Za-z0-9+/=]{40,}", entropy: 3.5),
        Service.Token("inngest-key", "Inngest signing key", @"<signkey-prod-|signkey-branch-|signkey-test->\h{32,64}", entropy: 3),
        Service.Token("trigger-dev-key", "Trigger.dev key", @"<tr_dev_|tr_prod_|tr_stg_>\w{20,24}", entropy: 3.3),
        Service.Token("svix-token", "Svix token", @"<testsk_|prodsk_|sk_svix_>\u{30,50}", entropy: 3.3),
        Service.Token("deno-deploy-token", "Deno Deploy token", @"<ddp_|ddo_|ddw_>\w{36}", entropy: 3.3),
        Service.Token("val-town-token", "Val Town token", @"vtwn_\w{20,40}", entropy: 3.3),
    ];
}
