using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Keys of payment, banking, commerce and logistics services.</summary>
internal static class PaymentDetectors
{
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Service.Token("stripe-key", "Stripe secret key", @"<sk_live_|rk_live_|sk_test_|rk_test_|sk_prod_|rk_prod_>[A-Za-z0-9_]{10,248}", entropy: 2.8),
        Service.Token("stripe-organization-key", "Stripe organization key", @"sk_org_(live|test)_\w{20,200}", entropy: 3),
        Service.Token("stripe-webhook-secret", "Stripe webhook secret", @"whsec_[A-Za-z0-9+/]{32,64}[=]{0,2}", entropy: 3.2),
        Service.Token("square-token", "Square access token", @"<sq0atp-|sq0idp-|sq0csp->\u{22,60}", entropy: 3.2),
        Service.Token("square-production-token", "Square access token", @"EAAA\u{60}", entropy: 3.8),
        Service.Token("paypal-braintree-token", "PayPal Braintree access token", @"<access_token$production$|access_token$sandbox$>[0-9a-z]{16}$\h{32}", entropy: 3),
        Service.Token("razorpay-key", "Razorpay key", @"<rzp_live_|rzp_test_>\w{14,24}", entropy: 3),
        Service.Token("paystack-key", "Paystack secret key", @"<sk_live_|sk_test_>\h{40}", entropy: 3),
        Service.Token("flutterwave-key", "Flutterwave secret key", @"<FLWSECK_TEST-|FLWSECK->[a-h0-9]{12,32}(-X)?", entropy: 2.6),
        Service.Token("mollie-key", "Mollie key", @"<live_|test_>\w{30}", entropy: 3.8, scope: SecretScope.AppText),
        Service.Token("lob-key", "Lob key", @"<live_|test_>\h{35}", entropy: 3.2, scope: SecretScope.AppText),
        Service.Token("gocardless-token", "GoCardless token", @"<live_|sandbox_>\u{40}", entropy: 3.8, scope: SecretScope.AppText),
        Service.Token("plaid-token", "Plaid access token", @"<access-sandbox-|access-development-|access-production->\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3),
        Service.Token("coinbase-key", "Coinbase Developer Platform key", @"organizations/\h{8}-\h{4}-\h{4}-\h{4}-\h{12}/apiKeys/\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3, scope: SecretScope.App),
        Service.Token("paddle-key", "Paddle API key", @"<pdl_live_apikey_|pdl_sdbx_apikey_>[a-z0-9]{26}_\w{22}_\w{3}", entropy: 3),
        Service.Token("polar-token", "Polar token", @"<polar_oat_|polar_pat_>\u{40,48}", entropy: 3.2),
        Service.Token("shopify-token", "Shopify token", @"<shpat_|shpca_|shppa_|shpss_|shptka_|shprt_|shpit_>\H{32}", entropy: 2.9),
        Service.Token("woocommerce-secret", "WooCommerce secret", @"<cs_[0-9a-f]|ck_[0-9a-f]>\h{39}", entropy: 3.2, scope: SecretScope.AppText),
        Service.Token("easypost-key", "EasyPost key", @"<EZAK|EZTK>\w{54}", entropy: 3.3),
        Service.Token("shippo-token", "Shippo token", @"<shippo_live_|shippo_test_>\H{40}", entropy: 2.9),
        Service.Token("duffel-token", "Duffel token", @"<duffel_live_|duffel_test_>[A-Za-z0-9_=-]{43}", entropy: 3.2),
        Service.Token("brex-token", "Brex token", @"bxt_\w{30,60}", entropy: 3.2),
        Service.Token("crossmint-key", "Crossmint key", @"<sk_production_|sk_staging_>\w{60,250}", entropy: 3.5),
        Service.Token("wallet-private-key", "Extended private key of a wallet", @"<xprv>[1-9A-HJ-NP-Za-km-z]{100,120}", entropy: 4),
        Service.Token("alchemy-url", "Alchemy or Infura endpoint with a key", @"<.g.alchemy.com/v2/|.infura.io/v3/>\u{32}", entropy: 3, scope: SecretScope.App),
    ];
}
