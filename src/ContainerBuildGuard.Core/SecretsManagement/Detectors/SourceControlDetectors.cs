using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Tokens of source control, build services and package registries.</summary>
internal static class SourceControlDetectors
{
    private static readonly DetectorFamily Source = new(SecretsRules.SourceControlToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Source.Token("github-token", "GitHub token", @"<ghp_|gho_|ghu_|ghs_|ghr_>\w{36}", Crc32Tokens.Prefixed, entropy: 3),
        Source.Token("github-app-token", "GitHub App installation token", @"<ghs_>\d{1,12}_eyJ\u{10,}.\u{10,}.\u{20,}", entropy: 3.5),
        Source.Token("github-fine-grained-token", "GitHub fine-grained token", @"github_pat_\w{22}_\w{59}", entropy: 3.3),
        Source.Token("gitlab-token", "GitLab token", @"<glpat-|gldt-|glrt-|glft-|glsoat-|glimt-|glffct-|glcbt->[A-Za-z0-9_-]{20,64}(.[0-9a-z]{2}.?[0-9a-z]{7,9})?", entropy: 3),
        Source.Token("gitlab-trigger-token", "GitLab pipeline trigger token", @"glptt-\h{40}", entropy: 3),
        Source.Token("gitlab-oauth-secret", "GitLab OAuth application secret", @"<gloas->\h{64}", entropy: 3),
        Source.Token("gitlab-agent-token", "GitLab agent token", @"<glagent->\u{50,1024}", entropy: 3.3),
        Source.Token("gitlab-runner-token", "GitLab runner registration token", @"GR1348941\u{20}", entropy: 3.3),
        Source.Token("gitlab-session-cookie", "GitLab session cookie", @"<_gitlab_session=>\h{32}", entropy: 3),
        Source.Token("bitbucket-token", "Bitbucket app password or token", @"<ATBB|ATCTT3xFfG>[A-Za-z0-9_=-]{28,220}", entropy: 3.3),
        Source.Token("bitbucket-server-token", "Bitbucket Data Center token", @"<BBDC->[A-Za-z0-9+/@_-]{40,50}", entropy: 3.5),
        Source.Token("atlassian-token", "Atlassian API token", @"ATATT3[A-Za-z0-9_=-]{100,220}", entropy: 4),
        Source.Token("gitea-token", "Gitea or Gogs access token in a URL", @"<?access_token=>\h{40}", entropy: 3),
        Source.Token("npm-token", "npm token", @"npm_\w{36}", Crc32Tokens.Prefixed, entropy: 3),
        Source.Token("nuget-key", "NuGet API key", @"<oy2[a-z0-9]>[a-z0-9]{42}", entropy: 3.5),
        Source.Token("pypi-token", "PyPI token", @"<pypi-AgEIcHlwaS5vcmc|pypi-AgENdGVzdC5weXBpLm9yZ>[A-Za-z0-9_-]{50,}", entropy: 3.5),
        Source.Token("rubygems-key", "RubyGems API key", @"rubygems_\h{48}", entropy: 3),
        Source.Token("crates-token", "crates.io token", @"<cio[A-Z0-9]>\w{31}", entropy: 3.8, scope: SecretScope.App),
        Source.Token("clojars-token", "Clojars token", @"CLOJARS_[a-z0-9]{60}", entropy: 3),
        Source.Token("packagist-token", "Packagist token", @"<packagist_ack_|packagist_ors_|packagist_out_|packagist_uck_>\w{60,80}", entropy: 3.2),
        Source.Token("docker-hub-token", "Docker Hub token", @"<dckr_pat_|dckr_oat_>\u{27,40}", entropy: 3.2),
        Source.Token("artifactory-key", "Artifactory API key", @"AKCp\w{69}", entropy: 4),
        Source.Token("artifactory-reference-token", "Artifactory reference token", @"cmVmd\w{59}", entropy: 4),
        Source.Token("circleci-token", "CircleCI personal token", @"<CCIPAT_|CCIPRJ_>\w{20,24}_\h{40}", entropy: 3),
        Source.Token("buildkite-token", "Buildkite token", @"<bkua_|bkaj_|bkpt_|bkct_>\h{40,64}", entropy: 3),
        Source.Token("octopus-deploy-key", "Octopus Deploy API key", @"<API->[A-Z0-9]{25,36}", entropy: 3.4, scope: SecretScope.App),
        Source.Token("teamcity-token", "TeamCity token", @"<eyJ0eXAiOiAiVENWMiJ9.>[A-Za-z0-9_.-]{40,}", entropy: 3.5),
        Source.Token("harness-token", "Harness token", @"<pat.|sat.>\w{22}.\h{24}.\w{20}", entropy: 3.3),
        Source.Token("sonar-token", "SonarQube token", @"<squ_|sqp_|sqa_|sqco_>\h{40}", entropy: 3),
        Source.Token("snyk-token", "Snyk token", @"<snyk_uat.|snyk_sat.>\h{8}.\u{20,}", entropy: 3.3),
        Source.Token("sourcegraph-token", "Sourcegraph token", @"sgp_(\H{16}_|local_)?\H{40}", entropy: 3),
        Source.Token("sourcegraph-cody-token", "Sourcegraph Cody token", @"slk_\h{64}", entropy: 3),
        Source.Token("postman-key", "Postman API key", @"PMAK-\H{24}-\H{34}", entropy: 3),
        Source.Token("postman-collection-key", "Postman collection access key", @"PMAT-[0-9A-Z]{26}", entropy: 3.3),
        Source.Token("readme-key", "ReadMe API key", @"rdme_[a-z0-9]{70}", entropy: 3.3),
        Source.Token("prefect-key", "Prefect API key", @"<pnu_|pnb_>\w{36}", entropy: 3.2),
        Source.Token("jetbrains-token", "JetBrains permanent token", @"<perm:|perm->[A-Za-z0-9=_-]{8,64}.[A-Za-z0-9=_-]{2,64}.\w{30,60}", entropy: 3.5),
        Source.Token("mergify-key", "Mergify key", @"<mka_>\w{40,}", entropy: 3.2),
        Source.Token("contentful-token", "Contentful token", @"<CFPAT->\u{43}", entropy: 3.3),
        Source.Token("gitpod-token", "Gitpod token", @"gitpod_pat_\w{20,}[A-Za-z0-9_.-]{20,}", entropy: 3.3),
    ];
}
