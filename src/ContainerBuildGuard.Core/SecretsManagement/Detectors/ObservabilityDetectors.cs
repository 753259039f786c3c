using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Keys of monitoring, logging, feature flag, security and identity services.</summary>
internal static class ObservabilityDetectors
{
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Service.Token("grafana-service-token", "Grafana service account token", @"glsa_\w{32}_\H{8}", entropy: 3.3),
        Service.Token("grafana-cloud-token", "Grafana Cloud token", @"glc_\b{32,400}[=]{0,3}", entropy: 3.5),
        Service.Token("grafana-api-key", "Grafana API key", @"eyJrIjoi\w{60,400}[=]{0,3}", entropy: 3.5),
        Service.Token("newrelic-user-key", "New Relic user key", @"NRAK-[A-Za-z0-9]{27}", entropy: 3),
        Service.Token("newrelic-insert-key", "New Relic insert key", @"<NRII-|NRIQ-|NRRA->[A-Za-z0-9_-]{32,42}", entropy: 3),
        Service.Token("newrelic-browser-key", "New Relic browser key", @"NRJS-\h{19}", entropy: 2.9),
        Service.Token("newrelic-license-key", "New Relic license key", @"\h{36}<NRAL|FFFFNRAL>", entropy: 3),
        Service.Token("sentry-organization-token", "Sentry organization token", @"sntrys_\b{20,400}[=]{0,2}_\b{40,50}", entropy: 3.5),
        Service.Token("sentry-user-token", "Sentry user token", @"sntryu_\h{64}", entropy: 3),
        Service.Token("sentry-dsn", "Sentry DSN with its secret", @"\h{32}:\h{32}<@sentry.io/>\d{1,20}", entropy: 3),
        Service.Token("dynatrace-token", "Dynatrace token", @"<dt0c01.|dt0s01.|dt0s02.|dt0s08.>[A-Z0-9]{8,24}.[A-Z0-9]{64}", entropy: 3.3),
        Service.Token("honeycomb-key", "Honeycomb key", @"<hcaik_|hcbik_|hcxik_|hcamk_>[a-z0-9]{58}", entropy: 3.3),
        Service.Token("axiom-token", "Axiom token", @"<xaat-|xapt->\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3),
        Service.Token("logfire-token", "Logfire token", @"<pylf_v>\d{1,2}_[a-z]{2}_\w{40,50}", entropy: 3.3),
        Service.Token("elastic-key", "Elastic Cloud API key", @"<essu_>[A-Za-z0-9+/]{40,120}[=]{0,2}", entropy: 3.5),
        Service.Token("coralogix-key", "Coralogix key", @"<cxtp_|cxup_>\w{30,40}", entropy: 3.3),
        Service.Token("posthog-key", "PostHog personal key", @"phx_\w{40,56}", entropy: 3.4),
        Service.Token("segment-token", "Segment public API token", @"sgp_\w{64}", entropy: 4),
        Service.Token("statsig-key", "Statsig server secret", @"<secret->\w{40,48}", entropy: 3.6, scope: SecretScope.App),
        Service.Token("launchdarkly-sdk-key", "LaunchDarkly SDK key", @"<sdk-|api->\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3, scope: SecretScope.App),
        Service.Token("configcat-key", "ConfigCat SDK key", @"<configcat-sdk-1/>\u{22}/\u{22}", entropy: 3.5),
        Service.Token("flagsmith-key", "Flagsmith server key", @"<ser.>\w{22}", entropy: 3.4, scope: SecretScope.App),
        Service.Token("workos-key", "WorkOS key", @"<sk_live_|sk_test_>a2V5\w{40,120}", entropy: 3.5),
        Service.Token("stytch-secret", "Stytch secret", @"<secret-test-|secret-live->[A-Za-z0-9_=-]{30,60}", entropy: 3.3),
        Service.Token("authress-key", "Authress service client key", @"<ext_|scauth_|authress_>[a-z0-9]{5,30}.[a-z0-9]{4,6}.acc[_-][a-z0-9-]{10,32}.[A-Za-z0-9+/_=-]{30,120}", entropy: 3.3),
        Service.Token("okta-token", "Okta API token in a header", @"<SSWS 00>\u{40}", entropy: 3.6),
        Service.Token("maxmind-key", "MaxMind license key", @"\w{6}_\w{29}<_mmk>", entropy: 3.5),
        Service.Token("censys-token", "Censys token", @"<censys_>\w{22,32}_\w{20,40}", entropy: 3.4),
        Service.Token("arcjet-key", "Arcjet key", @"ajkey_\w{26,30}", entropy: 3.3),
        Service.Token("aikido-token", "Aikido token", @"<AIK_RUNTIME_|AIK_CI_>\w{20,64}", entropy: 3.3),
        Service.Token("settlemint-token", "SettleMint token", @"<sm_aat_|sm_pat_|sm_sat_>\w{16,24}", entropy: 3),
    ];
}
