using System.Collections.Frozen;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What a name says of its value.</summary>
internal enum NameKind
{
    /// <summary>Nothing, or that the value is about a secret and is none: <c>passwordLength</c>, <c>tokenUrl</c>.</summary>
    Other,

    /// <summary>A password that a person may have chosen.</summary>
    Password,

    /// <summary>A secret that something generated: <c>clientSecret</c>, <c>apiKey</c>, <c>accessToken</c>.</summary>
    Secret,

    /// <summary>Perhaps: <c>key</c>, <c>token</c>, <c>auth</c> alone. The value and what is around must say more.</summary>
    Weak,
}

/// <summary>Judges names by their words: which word says secret, and what the words around make of it.</summary>
internal static class SecretNames
{
    private static readonly FrozenSet<string> PasswordWords = Set("password passwd passwort passphrase passcode pwd pass pw userpwd dbpass dbpassword dbpwd adminpassword adminpass rootpassword userpassword sapassword passw psw pswd mypassword userpass masterpassword keypass storepass keypassword storepassword psk presharedkey requirepass masterauth rootpw bindpw authtok");

    private static readonly FrozenSet<string> SecretWords = Set("secret secrets clientsecret appsecret apisecret sharedsecret consumersecret secretkey apikey apikeys apitoken accesstoken authtoken refreshtoken bearertoken accesskey authkey privatekey signingkey encryptionkey sharedkey masterkey accountkey servicekey appkey hmackey jwtkey jwtsecret cookiesecret sessionsecret apipassword bottoken usertoken credential credentials creds deploykey licensekey subscriptionkey personalaccesstoken pat webhooksecret sastoken authpassword authenticationkey accesssecret tokensecret storagekey functionkey hostkey machinekey validationkey decryptionkey aeskey cryptokey secretaccesskey bearer idtoken idsecret securitykey primarykeysecret instrumentkey oauthtoken pepper");

    private static readonly FrozenSet<string> WeakWords = Set("key keys token tokens auth authorization jwt cookie session salt authentication signature sig oauth apiauth sas");

    /// <summary>A key or token with one of these before it is a secret.</summary>
    private static readonly FrozenSet<string> Qualifiers = Set("api access secret auth authentication authorization private signing sign encryption encrypt encrypted crypto cipher shared master account service storage app application hmac aes des rsa jwt session cookie admin root client consumer bearer security symmetric host function functions subscription license licence deploy deployment personal user bot oauth oauth2 refresh integration webhook sas write read upload publish registry nuget npm feed connection login server db database issuer hash32 rest http push azure aws gcp google github gitlab slack stripe sendgrid twilio openai anthropic mail smtp sms payment device partner vendor merchant cloud project org organization team workspace internal backend frontend prod production staging dev live primary secondary admin2 data cosmos redis search maps vision speech translator ssh gpg pgp ssl tls vault ci build test id delivery reporter repo repository hec sdk tracking management ingest ingestion agent environment store preview sync developer gateway provisioning runner pipeline trigger worker robot cluster join bootstrap swarm enrollment registration monitoring metrics logs logging shipping cdn edge");

    /// <summary>After the word that says secret, these say that the value is something about it.</summary>
    private static readonly FrozenSet<string> After = Set("hash hashed hasher hashes hint length len min max minimum maximum url uri urls endpoint endpoints path paths file files filename filepath folder dir directory location name names id ids identifier type types field fields label labels placeholder policy policies expires expiry expiration expire expired ttl timeout lifetime duration count size sizes format regex pattern rule rules prompt reset required requirement requirements enabled enable disabled visible provider providers service services manager handler handlers fingerprint thumbprint digest checksum algorithm alg algo version versions index column columns header headers param parameter parameters prefix suffix description desc error errors message messages msg title text validator validation validators generator generate generation ref reference references selector mode scope scopes scheme issuer audience store storage vault changed change changes confirm confirmation confirmed confirmpassword repeat again strength attempts attempt history age days date time timestamp at link page form view model dto request response result results info status state options option config configuration settings setting class css style icon image button input box control element event events callback rotation rotate policyname set sets list lists map dictionary table tables row rows group groups usage uses used source sources example examples help note notes docs documentation invalid missing wrong incorrect mismatch exception helper util utils utility factory builder cache caching pair pairs ring rings chain chains board press down up code codes word words frame frames value valuepair comparer compare equal equals property properties attribute attributes kind schema limit limits budget window tokenizer tokenization ization ize izer ized parser lexer space stream usageendpoint authority server host domain client grant flow code2 salt encryption encrypted method mechanism guid uuid encoder");

    /// <summary>Before it, these make a key or token something public or structural.</summary>
    private static readonly FrozenSet<string> Before = Set("public pub primary foreign partition sort row composite unique natural surrogate index cache lookup dictionary map object property json xml config translation resource i18n locale message hot short shortcut keyboard arrow enter escape tab csrf xsrf antiforgery antiforgerytoken forgery cancellation syntax lexer parser max min num number total prompt completion input output context next page pagination continuation sync skip no show hide forgot forget reset invalid missing wrong is has can should needs need requires require valid idempotency instrumentation ikey data2 registry2 route routing group order bucket blob2 s3object file hash first last left right foreign2 host2 known authorized trusted alt meta site theme display sort2 filter column header body param query");

    private static readonly string[] Endings = ["password", "passwd", "pwd", "secret", "apikey", "token", "passphrase", "accesskey", "secretkey", "privatekey", "credentials", "credential", "key", "pass"];

    /// <summary>Before pass these make a password of it; a compass and a bypass are none.</summary>
    private static readonly FrozenSet<string> Logins = Set("require ssl smtp db mysql sql ftp ssh sftp bind ldap key store trust vnc rdp wifi wlan proxy mail email imap pop http root sudo become user usr login account admin cert pfx jks encrypt decrypt auth rpc mqtt redis mongo postgres pg oracle host server service svc app api web site my old new client");

    public static NameKind Classify(ReadOnlySpan<byte> name)
    {
        var words = Split(name);
        for (var i = words.Count - 1; i >= 0; i--)
        {
            // apikey, clientsecret: words that are written as one.
            var (kind, known) = KindOf(words, i);
            if (!known)
            {
                continue;
            }

            for (var after = i + 1; after < words.Count; after++)
            {
                if (After.Contains(words[after]))
                {
                    return NameKind.Other;
                }
            }

            if (i > 0 && words[i - 1] is "encrypted" or "hashed" && words[i] is not ("key" or "keys"))
            {
                return NameKind.Other;
            }

            if (kind != NameKind.Password && (words.Contains("public") || words.Contains("pub")))
            {
                return NameKind.Other;
            }

            var isChecked = i > 1 && words[i - 1] == "valid" && words[i - 2] is "is" or "has" or "assert";
            return i > 0 && Before.Contains(words[i - 1]) && !(kind == NameKind.Password && !isChecked && words[i - 1] is "valid" or "enter" or "input" or "data" or "last" or "first" or "known" or "file" or "query" or "default") ? NameKind.Other : kind;
        }

        return NameKind.Other;
    }

    /// <summary>Whether a key or token of this word is public or part of a structure: public, cache, primary.</summary>
    public static bool IsStructural(string word) => Before.Contains(word);

    /// <summary>The words of a name in lower case: <c>DB_ClientSecret2</c> is db, client, secret.</summary>
    public static List<string> Split(ReadOnlySpan<byte> name)
    {
        var words = new List<string>(6);
        var word = new StringBuilder(24);
        for (var i = 0; i < name.Length; i++)
        {
            var c = (char)name[i];
            var upper = char.IsAsciiLetterUpper(c);
            if (!char.IsAsciiLetter(c) || (upper && i > 0 && (char.IsAsciiLetterLower((char)name[i - 1]) || (i + 1 < name.Length && char.IsAsciiLetterLower((char)name[i + 1]) && char.IsAsciiLetterUpper((char)name[i - 1])))))
            {
                Take();
            }

            if (char.IsAsciiLetter(c))
            {
                word.Append(char.ToLowerInvariant(c));
            }
        }

        Take();
        return words;

        void Take()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }

    private static (NameKind Kind, bool Known) KindOf(List<string> words, int i)
    {
        var word = words[i];
        if (PasswordWords.Contains(word))
        {
            return (NameKind.Password, true);
        }

        if (SecretWords.Contains(word))
        {
            return (NameKind.Secret, true);
        }

        if (WeakWords.Contains(word))
        {
            return i > 0 && (Qualifiers.Contains(words[i - 1]) || ProviderNames.Contains(words[i - 1])) ? (NameKind.Secret, true) : (NameKind.Weak, true);
        }

        foreach (var ending in Endings)
        {
            if (word.Length > ending.Length && word.EndsWith(ending, StringComparison.Ordinal) && IsCompound(word[..^ending.Length], ending))
            {
                return (ending is "password" or "passwd" or "pwd" or "passphrase" or "pass" ? NameKind.Password : NameKind.Secret, true);
            }
        }

        return (NameKind.Other, false);
    }

    /// <summary>monkey and turkey are no keys; mysqlpassword is a password whatever stands before it.</summary>
    private static bool IsCompound(string head, string ending) =>
        ending == "pass" ? Logins.Contains(head) : ending != "key" && ending != "token" ? !Before.Contains(head) : Qualifiers.Contains(head) || ProviderNames.Contains(head);

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
