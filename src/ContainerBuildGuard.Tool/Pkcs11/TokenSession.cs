using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>A session with the token of a key: its objects, their attributes, and signatures.</summary>
internal sealed unsafe class TokenSession : IDisposable
{
    private const int MaxAttributeBytes = 16 << 10;
    private const int MaxSignatureBytes = 8 << 10;
    private readonly Pkcs11Module _module;
    private readonly Pkcs11Uri _uri;
    private readonly TokenInfo _token;
    private readonly CULong _session;

    public TokenSession(Pkcs11Module module, Pkcs11Uri uri)
    {
        (_module, _uri, _token) = (module, uri, TokenInfo.Find(module, uri));
        CULong session = default;
        CryptokiError.Check(module.OpenSession(_token.Slot, &session), uri.Name, "Opening the token of");
        _session = session;
        if (_token.Is(Cryptoki.LoginRequired))
        {
            Login(Cryptoki.User);
        }
    }

    /// <summary>The objects of a class with this label and identifier, each where it is named; two at most, since more than one is as bad as many.</summary>
    public IReadOnlyList<CULong> Find(uint kind, string? label, byte[]? id)
    {
        var named = new List<(uint Type, byte[] Value)> { (Cryptoki.ClassAttribute, Bytes(kind)) };
        if (label is not null)
        {
            named.Add((Cryptoki.LabelAttribute, System.Text.Encoding.UTF8.GetBytes(label)));
        }

        if (id is not null)
        {
            named.Add((Cryptoki.IdAttribute, id));
        }

        var pins = named.ConvertAll(n => GCHandle.Alloc(n.Value, GCHandleType.Pinned));
        try
        {
            var template = named.Select((n, i) => new AttributeTemplate { Type = new CULong(n.Type), Value = pins[i].AddrOfPinnedObject(), Length = new CULong((nuint)n.Value.Length) }).ToArray();
            CryptokiError.Check(_module.FindObjectsInit(_session, template), _uri.Name, "Looking for");
            var found = new CULong[2];
            CULong count = default;
            var result = _module.FindObjects(_session, found, &count);
            _module.FindObjectsFinal(_session);
            CryptokiError.Check(result, _uri.Name, "Looking for");
            return found[..(int)Math.Min(count.Value, 2)];
        }
        finally
        {
            pins.ForEach(p => p.Free());
        }
    }

    /// <summary>An attribute's value; null where the object has none, or keeps it to itself.</summary>
    public byte[]? Attribute(CULong handle, uint type)
    {
        var value = new byte[MaxAttributeBytes];
        fixed (byte* bytes = value)
        {
            var attribute = new AttributeTemplate { Type = new CULong(type), Value = (nint)bytes, Length = new CULong(MaxAttributeBytes) };
            return _module.AttributeValue(_session, handle, &attribute) == Cryptoki.Ok && attribute.Length.Value <= MaxAttributeBytes ? value[..(int)attribute.Length.Value] : null;
        }
    }

    public nuint? Number(CULong handle, uint type) => Attribute(handle, type) is { } value && value.Length == sizeof(CULong) ? MemoryMarshal.Read<CULong>(value).Value : null;

    /// <summary>Signs; a key that wants the PIN for each signature gets it.</summary>
    public byte[] Sign(CULong key, uint mechanism, ReadOnlySpan<byte> data, PssParameters? pss = null)
    {
        CryptokiError.Check(_module.SignInit(_session, mechanism, pss, key), _uri.Name, "Signing with");
        if (Attribute(key, Cryptoki.AlwaysAuthenticateAttribute) is [not 0])
        {
            Login(Cryptoki.ContextSpecific);
        }

        var signature = new byte[MaxSignatureBytes];
        var length = new CULong(MaxSignatureBytes);
        CryptokiError.Check(_module.Sign(_session, data, signature, &length), _uri.Name, "Signing with");
        return signature[..(int)length.Value];
    }

    /// <summary>Ends the login too, where this was the only session.</summary>
    public void Dispose() => _module.CloseSession(_session);

    private void Login(uint user)
    {
        var pin = _token.Is(Cryptoki.ProtectedAuthenticationPath) ? [] : TokenPin.Read(_uri, Environment.GetEnvironmentVariable);
        try
        {
            var result = _module.Login(_session, user, pin);
            if (result != Cryptoki.AlreadyLoggedIn)
            {
                CryptokiError.Check(result, _uri.Name, "Opening the token of");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
        }
    }

    private static byte[] Bytes(uint number)
    {
        var value = new CULong(number);
        return MemoryMarshal.AsBytes(new ReadOnlySpan<CULong>(in value)).ToArray();
    }
}
