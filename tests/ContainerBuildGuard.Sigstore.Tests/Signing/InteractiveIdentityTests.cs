using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Signing in as a person, against a provider on loopback that checks what it is sent; the test is the browser.</summary>
[TestClass]
public sealed class InteractiveIdentityTests : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string> _asked = [];
    private readonly AnswerServer _provider;
    private int _pending = 2;
    private string? _otherNonce;

    public InteractiveIdentityTests() => _provider = new AnswerServer(Answer);

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        _provider.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _http.Dispose();
    }

    [TestMethod]
    public async Task A_browser_on_this_machine_signs_in()
    {
        var token = await new InteractiveIdentity(_provider.Address, _http).WithBrowserAsync(address => _ = ReturnAsync(address, "code=a-code"), TestContext.CancellationToken);
        Assert.AreEqual("person@example.test", token.Subject);
    }

    [TestMethod]
    public async Task A_return_with_another_state_is_not_taken()
    {
        var identity = new InteractiveIdentity(_provider.Address, _http);
        var token = await identity.WithBrowserAsync(address => _ = ReturnTwiceAsync(address), TestContext.CancellationToken);
        Assert.AreEqual("person@example.test", token.Subject);

        async Task ReturnTwiceAsync(Uri address)
        {
            using var forged = await _http.GetAsync(new Uri($"{Query(address)["redirect_uri"]}?code=stolen&state=another"));
            Assert.AreEqual(System.Net.HttpStatusCode.NotFound, forged.StatusCode);
            await ReturnAsync(address, "code=a-code");
        }
    }

    [TestMethod]
    public async Task A_token_of_another_sign_in_is_refused()
    {
        _otherNonce = "another";
        var thrown = await Assert.ThrowsExactlyAsync<SigstoreException>(() => new InteractiveIdentity(_provider.Address, _http).WithBrowserAsync(address => _ = ReturnAsync(address, "code=a-code"), TestContext.CancellationToken));
        Assert.AreEqual(SigstoreError.Untrusted, thrown.Error);
    }

    [TestMethod]
    public async Task A_refusal_is_named()
    {
        var thrown = await Assert.ThrowsExactlyAsync<SigstoreException>(() => new InteractiveIdentity(_provider.Address, _http).WithBrowserAsync(address => _ = ReturnAsync(address, "error=access_denied"), TestContext.CancellationToken));
        StringAssert.Contains(thrown.Message, "access_denied");
    }

    [TestMethod]
    public async Task A_code_is_entered_on_another_device()
    {
        (Uri? Address, string Code) shown = default;
        var token = await new InteractiveIdentity(_provider.Address, _http, new ImpatientTime()).WithDeviceAsync((address, code) => shown = (address, code), TestContext.CancellationToken);
        Assert.AreEqual("person@example.test", token.Subject);
        Assert.AreEqual("ABCD-EFGH", shown.Code);
        Assert.AreEqual(0, _pending);
    }

    [TestMethod]
    public async Task A_code_that_nobody_enters_ends_in_time()
    {
        _pending = int.MaxValue;
        var thrown = await Assert.ThrowsExactlyAsync<SigstoreException>(() => new InteractiveIdentity(_provider.Address, _http, new ImpatientTime()).WithDeviceAsync((_, _) => { }, TestContext.CancellationToken));
        StringAssert.Contains(thrown.Message, "nobody signed in");
    }

    private ServerAnswer Answer(ServerRequest request)
    {
        var form = Query(new Uri($"http://localhost/?{request.Text}"));
        switch (request.Path)
        {
            case "/.well-known/openid-configuration":
                return ServerAnswer.Json($$"""{"authorization_endpoint":"{{_provider.Address}}auth","token_endpoint":"{{_provider.Address}}token","device_authorization_endpoint":"{{_provider.Address}}device"}""");
            case "/device":
                _asked["code_challenge"] = form["code_challenge"];
                return ServerAnswer.Json($$"""{"device_code":"a-device","user_code":"ABCD-EFGH","verification_uri":"{{_provider.Address}}enter","interval":1}""");
            case "/token" when form["grant_type"].EndsWith("device_code", StringComparison.Ordinal) && _pending > 0:
                _pending -= _pending == int.MaxValue ? 0 : 1;
                return ServerAnswer.Json("""{"error":"authorization_pending"}""", 400);
            case "/token":
                var challenge = Base64.Url(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"])));
                return challenge == _asked["code_challenge"] && (form.GetValueOrDefault("code") == "a-code" || form.GetValueOrDefault("device_code") == "a-device")
                    ? ServerAnswer.Json(new JsonObject { ["id_token"] = Token() }.ToJsonString())
                    : ServerAnswer.Json("""{"error":"invalid_grant"}""", 400);
            default:
                return new ServerAnswer(404, []);
        }
    }

    private string Token()
    {
        var claims = new JsonObject { ["iss"] = _provider.Address.ToString(), ["sub"] = "1", ["email"] = "person@example.test", ["nonce"] = _otherNonce ?? _asked.GetValueOrDefault("nonce") };
        return $"e30.{Base64.Url(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.x";
    }

    /// <summary>The browser: reads what the provider was asked, and comes back with its answer.</summary>
    private async Task ReturnAsync(Uri address, string answer)
    {
        var query = Query(address);
        foreach (var name in (string[])["nonce", "code_challenge"])
        {
            _asked[name] = query[name];
        }

        using var response = await _http.GetAsync(new Uri($"{query["redirect_uri"]}?{answer}&state={query["state"]}"));
        Assert.IsTrue(response.IsSuccessStatusCode);
    }

    private static Dictionary<string, string> Query(Uri address) => address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));

    /// <summary>Every pause is over at once, and the clock says that it took its time.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                _now += dueTime;
            }

            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
