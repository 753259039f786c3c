namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Services, what they call their credential, and the form that their documentation gives it.</summary>
internal static class FieldServices
{
    private const string List = """
        abuseipdb|api key|{h80}
        airbrake|project key|{h32}
        alegra|api token|{a20}
        algolia|admin key|{h32}
        amplitude|secret key|{h32}
        asana|access token|1/{d16}:{h32}
        auth0|client secret|{u64}
        bannerbear|api key|{w22}tt
        beamer|api key|b_{u44}
        bitfinex|api secret|{w43}
        bitly|access token|{h40}
        bittrex|secret key|{h32}
        browserstack|access key|{w20}
        bugsnag|auth token|{h8}-{h4}-{h4}-{h4}-{h12}
        calendly|webhook signing key|{u43}
        checkly|api key|cu_{h32}
        clearbit|secret|sk_{h32}
        clickup|api token|pk_{d8}_{A32}
        cloudflare|api token|{u40}
        cloudflare|global api key|{h37}
        cloudsmith|api key|{h40}
        codacy|project token|{w20}
        codeclimate|reporter id token|{h64}
        coinbase|api secret|{w32}
        contentful|delivery token|{u43}
        coveralls|repo token|{w33}
        datadog|api key|{h32}
        datadog|app key|{h40}
        deepl|auth key|{h8}-{h4}-{h4}-{h4}-{h12}:fx
        digitalocean|access token|{h64}
        discord|bot token|MT{w22}.{u6}.{u38}
        dnsimple|access token|{w32}
        drone|token|{w32}
        dropbox|app secret|{a15}
        dynatrace|api token|dt0c01.{A24}.{A64}
        elastic|api key|{b56}==
        etsy|keystring key|{a24}
        fastly|api token|{u32}
        finnhub|api key|{a20}
        foursquare|client secret|{A48}
        freshdesk|api key|{w20}
        gitter|access token|{h40}
        gumroad|access token|{u43}
        helpscout|app secret|{w40}
        heroku|api key|{h8}-{h4}-{h4}-{h4}-{h12}
        honeycomb|write key|{h32}
        hunter|api key|{h40}
        infura|project secret|{h32}
        intercom|access token|dG9rOm{w54}=
        ipinfo|token|{h14}
        ipstack|access key|{h32}
        jira|api token|{w24}
        jumpcloud|api key|{h40}
        kraken|private key|{b86}==
        kucoin|api secret|{h8}-{h4}-{h4}-{h4}-{h12}
        lastfm|shared secret|{h32}
        launchdarkly|sdk key|sdk-{h8}-{h4}-{h4}-{h4}-{h12}
        linkedin|client secret|{w16}
        lokalise|api token|{h40}
        mailchimp|api key|{h32}-us{d1}
        mailgun|api key|{h32}-{h8}-{h8}
        mailjet|secret key|{h32}
        mapbox|secret token|sk.eyJ1Ijoi{w60}.{u22}
        mapquest|api key|{w32}
        mattermost|access token|{a26}
        messagebird|access key|{w25}
        mixpanel|api secret|{h32}
        netlify|auth token|{u43}
        newrelic|license key|{h36}NRAL
        newsapi|api key|{h32}
        nexmo|api secret|{w16}
        nytimes|api key|{w32}
        okta|api token|00{u40}
        onesignal|rest api key|{b48}
        openai|api key|sk-{w20}T3BlbkFJ{w20}
        openweather|api key|{h32}
        opsgenie|api key|{h8}-{h4}-{h4}-{h4}-{h12}
        pagerduty|api token|{w20}
        papertrail|api token|{w20}
        paypal|client secret|E{u79}
        pendo|integration key|{h8}-{h4}-{h4}-{h4}-{h12}
        percy|token|{h64}
        pingdom|api token|{u87}
        pipedrive|api token|{h40}
        pivotaltracker|api token|{h32}
        plaid|secret|{h30}
        postmark|server token|{h8}-{h4}-{h4}-{h4}-{h12}
        pubnub|secret key|sec-c-{b48}
        pusher|app secret|{h20}
        rapidapi|key|{w50}
        raygun|api key|{b22}==
        razorpay|key secret|{w24}
        rollbar|access token|{h32}
        saucelabs|access key|{h8}-{h4}-{h4}-{h4}-{h12}
        scaleway|secret key|{h8}-{h4}-{h4}-{h4}-{h12}
        segment|write key|{w32}
        sendgrid|api key|SG.{u22}.{u43}
        sentry|auth token|{h64}
        shodan|api key|{w32}
        signalfx|access token|{u22}
        slack|signing secret|{h32}
        snyk|token|{h8}-{h4}-{h4}-{h4}-{h12}
        sonar|login token|{h40}
        sparkpost|api key|{h40}
        splunk|hec token|{h8}-{h4}-{h4}-{h4}-{h12}
        spotify|client secret|{h32}
        strava|client secret|{h40}
        stripe|secret key|sk_live_{w24}
        sumologic|access key|{w64}
        telegram|bot token|{d10}:AA{u33}
        telnyx|api key|KEY{A32}_{w22}
        textmagic|api key|{w30}
        todoist|api token|{h40}
        tomtom|api key|{w32}
        travis|token|{u22}
        trello|token|{h64}
        twilio|auth token|{h32}
        twitch|client secret|{a30}
        twitter|access token secret|{w45}
        twitter|consumer secret|{w50}
        unsplash|secret key|{u43}
        uploadcare|secret key|{h20}
        uptimerobot|api key|u{d7}-{h24}
        vercel|token|{w24}
        virustotal|api key|{h64}
        vonage|signature secret|{w30}
        vultr|api key|{A36}
        wakatime|api key|waka_{h8}-{h4}-{h4}-{h4}-{h12}
        weatherbit|api key|{h32}
        wit|access token|{A32}
        wrike|client secret|{w60}
        yelp|api key|{u128}
        yousign|api key|{w32}
        zendesk|api token|{w40}
        zerobounce|api key|{h32}
        zoho|client secret|{h42}
        zoom|client secret|{w32}
        acme|api key|{w32}
        northwind|service token|{u48}
        fabrikam|signing secret|{h64}
        contoso|shared key|{b43}=
        billing|webhook secret|{u40}
        orders|encryption key|{b43}=
        ledger|api secret|{a32}
        warehouse|access token|{w36}
        identity|client secret|{u3}8Q~{u34}
        storage|account key|{b86}==
        github|token|ghp_{w30}
        gitlab|access token|glpat-{u20}
        digicert|api key|{A40}_{h64}
        shopify|access token|shpat_{h32}
        huggingface|token|hf_{l34}
        anthropic|api key|sk-ant-api03-{u93}AA
        azuredevops|pat|{o52}
        npm|token|npm_{w30}
        pypi|token|pypi-AgEIcHlwaS5vcmc{u80}
        grafana|service account token|glsa_{w32}_{h8}
        """;

    public static (string Name, string Label, string Form)[] All { get; } =
        [.. List.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split('|')).Select(p => (p[0], p[1], p[2]))];
}
