using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Tokens and webhooks of chat, mail and telephony services.</summary>
internal static class MessagingDetectors
{
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Service.Token("slack-bot-token", "Slack bot token", @"xoxb-\d{8,14}-[A-Za-z0-9-]{16,70}", entropy: 3),
        Service.Token("slack-user-token", "Slack user token", @"<xoxp-|xoxe->\d{8,14}-\d{8,14}(-\d{8,14})?-[A-Za-z0-9-]{24,70}", entropy: 3),
        Service.Token("slack-configuration-token", "Slack configuration token", @"<xoxe.xoxp-|xoxe.xoxb-|xoxe->\d-[A-Za-z0-9]{140,170}", entropy: 3.5),
        Service.Token("slack-legacy-token", "Slack legacy token", @"<xoxo-|xoxs->\d{5,14}-\d{5,14}-\d{5,14}-\H{8,64}", entropy: 2.6),
        Service.Token("slack-workspace-token", "Slack workspace token", @"<xoxa-|xoxr->(\d-)?[A-Za-z0-9-]{8,80}", entropy: 2.6),
        Service.Token("slack-session-token", "Slack session token", @"<xoxc->\d{8,14}-\d{8,14}-\d{8,14}-\h{64}", entropy: 3),
        Service.Token("slack-cookie", "Slack session cookie", @"<xoxd->[A-Za-z0-9%+/=_-]{80,300}", entropy: 3.5),
        Service.Token("slack-app-token", "Slack app-level token", @"xapp-\d-[A-Za-z0-9]{5,16}-\d{5,16}-[A-Za-z0-9]{20,70}", entropy: 3),
        Service.Token("slack-webhook", "Slack webhook", @"<hooks.slack.com/services/|hooks.slack.com/workflows/|hooks.slack.com/triggers/>[A-Za-z0-9+/]{20,80}", entropy: 3),
        Service.Token("discord-webhook", "Discord webhook", @"<discord.com/api/webhooks/|discordapp.com/api/webhooks/>\d{17,20}/\u{60,80}", entropy: 3.5),
        Service.Token("telegram-bot-token", "Telegram bot token", @"\d{8,10}<:AA[A-Za-z0-9_-]>\u{31,32}", entropy: 3.5, scope: SecretScope.App),
        Service.Token("zapier-webhook", "Zapier webhook", @"<hooks.zapier.com/hooks/catch/>\d{4,10}/[a-z0-9]{6,10}", entropy: 2.5),
        Service.Token("google-chat-webhook", "Google Chat webhook", @"<chat.googleapis.com/v1/spaces/>\u{8,14}/messages[?]key=AIza\u{35}&token=[A-Za-z0-9_%-]{40,60}", entropy: 3.5),
        Service.Token("facebook-token", "Facebook or WhatsApp access token", @"<EAAC|EAAM|EAAG|EAAB|EAAJ|EAAD>\w{80,250}", entropy: 4),
        Service.Token("instagram-token", "Instagram access token", @"<IGQV|IGQW>\u{100,250}", entropy: 4),
        Service.Token("twilio-key", "Twilio API key", @"<SK0[0-9a-f]|SK1[0-9a-f]|SK2[0-9a-f]|SK3[0-9a-f]|SK4[0-9a-f]|SK5[0-9a-f]|SK6[0-9a-f]|SK7[0-9a-f]|SK8[0-9a-f]|SK9[0-9a-f]|SKa[0-9a-f]|SKb[0-9a-f]|SKc[0-9a-f]|SKd[0-9a-f]|SKe[0-9a-f]|SKf[0-9a-f]>\h{30}", entropy: 3.2),
        Service.Token("sendgrid-key", "SendGrid API key", @"<SG.[A-Za-z0-9_-]>\u{19,23}.\u{39,50}", entropy: 3.5),
        Service.Token("mailgun-key", "Mailgun API key", @"key-\h{32}", entropy: 3, scope: SecretScope.App),
        Service.Token("mailchimp-key", "Mailchimp API key", @"\h{32}<-us[0-9]>\d?", entropy: 3, scope: SecretScope.App),
        Service.Token("mandrill-key", "Mandrill API key", @"<md-[A-Z0-9]>\u{21}", entropy: 3.8, scope: SecretScope.AppText),
        Service.Token("brevo-key", "Brevo (Sendinblue) API key", @"<xkeysib-|xsmtpsib->\h{64}-\w{16}", entropy: 3.2),
        Service.Token("mailersend-key", "MailerSend token", @"mlsn.\h{64}", entropy: 3),
        Service.Token("resend-key", "Resend API key", @"<re_[A-Z0-9]>\w{7}_\w{24}", entropy: 3.5),
        Service.Token("courier-key", "Customer.io or Courier key", @"<pk_prod_|dk_prod_>[A-Z0-9]{28}", entropy: 3),
        Service.Token("intercom-token", "Intercom token", @"dG9r\w{52,60}[=]{0,2}", entropy: 4),
        Service.Token("onesignal-key", "OneSignal key", @"<os_v2_app_|os_v2_org_>[a-z0-9]{80,120}", entropy: 3.3),
        Service.Token("twitch-chat-token", "Twitch chat token", @"oauth:[a-z0-9]{30}", entropy: 3.2, scope: SecretScope.App),
    ];
}
