using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>
/// A PKCS #11 module, called through the list of functions that it hands out (PKCS #11 2.40, section 5.4). It stays in the process once it is loaded: many modules do not survive being taken out.
/// </summary>
internal sealed unsafe class Pkcs11Module : IDisposable
{
    // The functions' places in CK_FUNCTION_LIST (pkcs11f.h), which starts with a version of two bytes.
    private const int InitializeFunction = 0;
    private const int FinalizeFunction = 1;
    private const int GetSlotListFunction = 4;
    private const int GetTokenInfoFunction = 6;
    private const int OpenSessionFunction = 12;
    private const int CloseSessionFunction = 13;
    private const int LoginFunction = 18;
    private const int GetAttributeValueFunction = 24;
    private const int FindObjectsInitFunction = 26;
    private const int FindObjectsFunction = 27;
    private const int FindObjectsFinalFunction = 28;
    private const int SignInitFunction = 42;
    private const int SignFunction = 43;

    private readonly byte* _functions;
    private readonly bool _initialized;

    private Pkcs11Module(byte* functions, string key)
    {
        _functions = functions + (OperatingSystem.IsWindows() ? 2 : sizeof(nint));
        var arguments = new InitializeArguments { Flags = new CULong(Cryptoki.OsLockingOk) };
        var result = ((delegate* unmanaged[Cdecl]<InitializeArguments*, CULong>)this[InitializeFunction])(&arguments).Value;
        if (result != Cryptoki.AlreadyInitialized)
        {
            CryptokiError.Check(result, key, "Opening the module of");
            _initialized = true;
        }
    }

    private nint this[int function] => Unsafe.ReadUnaligned<nint>(_functions + (function * sizeof(nint)));

    /// <exception cref="KeyException">It is no PKCS #11 module, or will not start.</exception>
    public static Pkcs11Module Load(string path, string key)
    {
        if (!NativeLibrary.TryLoad(path, out var library))
        {
            throw new KeyException($"The PKCS#11 module '{path}' cannot be loaded: it is no library for this system, or one that it needs is missing.");
        }

        if (!NativeLibrary.TryGetExport(library, "C_GetFunctionList", out var getFunctionList))
        {
            throw new KeyException($"The library '{path}' is no PKCS#11 module.");
        }

        byte* functions = null;
        CryptokiError.Check(((delegate* unmanaged[Cdecl]<byte**, CULong>)getFunctionList)(&functions).Value, key, "Opening the module of");
        return functions is not null && functions[0] == 2
            ? new Pkcs11Module(functions, key)
            : throw new KeyException($"The PKCS#11 module '{path}' does not speak version 2 of the interface.");
    }

    public nuint SlotsWithToken(CULong* slots, CULong* count) =>
        ((delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong>)this[GetSlotListFunction])(1, slots, count).Value;

    public nuint TokenInfo(nuint slot, byte* info) => ((delegate* unmanaged[Cdecl]<CULong, byte*, CULong>)this[GetTokenInfoFunction])(new CULong(slot), info).Value;

    public nuint OpenSession(nuint slot, CULong* session) =>
        ((delegate* unmanaged[Cdecl]<CULong, CULong, nint, nint, CULong*, CULong>)this[OpenSessionFunction])(new CULong(slot), new CULong(Cryptoki.SerialSession), 0, 0, session).Value;

    public void CloseSession(CULong session) => _ = ((delegate* unmanaged[Cdecl]<CULong, CULong>)this[CloseSessionFunction])(session);

    /// <summary>A null PIN lets the device ask for it.</summary>
    public nuint Login(CULong session, uint user, ReadOnlySpan<byte> pin)
    {
        fixed (byte* bytes = pin)
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)this[LoginFunction])(session, new CULong(user), bytes, new CULong((nuint)pin.Length)).Value;
        }
    }

    public nuint FindObjectsInit(CULong session, ReadOnlySpan<AttributeTemplate> template)
    {
        fixed (AttributeTemplate* attributes = template)
        {
            return ((delegate* unmanaged[Cdecl]<CULong, AttributeTemplate*, CULong, CULong>)this[FindObjectsInitFunction])(session, attributes, new CULong((nuint)template.Length)).Value;
        }
    }

    public nuint FindObjects(CULong session, Span<CULong> objects, CULong* count)
    {
        fixed (CULong* handles = objects)
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)this[FindObjectsFunction])(session, handles, new CULong((nuint)objects.Length), count).Value;
        }
    }

    public void FindObjectsFinal(CULong session) => _ = ((delegate* unmanaged[Cdecl]<CULong, CULong>)this[FindObjectsFinalFunction])(session);

    public nuint AttributeValue(CULong session, CULong handle, AttributeTemplate* attribute) =>
        ((delegate* unmanaged[Cdecl]<CULong, CULong, AttributeTemplate*, CULong, CULong>)this[GetAttributeValueFunction])(session, handle, attribute, new CULong(1)).Value;

    public nuint SignInit(CULong session, uint mechanism, PssParameters? pss, CULong key)
    {
        var parameters = pss ?? default;
        var how = new Mechanism { Type = new CULong(mechanism) };
        if (pss is not null)
        {
            (how.Parameter, how.ParameterLength) = ((nint)(&parameters), new CULong((nuint)sizeof(PssParameters)));
        }

        return ((delegate* unmanaged[Cdecl]<CULong, Mechanism*, CULong, CULong>)this[SignInitFunction])(session, &how, key).Value;
    }

    public nuint Sign(CULong session, ReadOnlySpan<byte> data, Span<byte> signature, CULong* length)
    {
        fixed (byte* input = data, output = signature)
        {
            return ((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)this[SignFunction])(session, input, new CULong((nuint)data.Length), output, length).Value;
        }
    }

    public void Dispose()
    {
        if (_initialized)
        {
            _ = ((delegate* unmanaged[Cdecl]<nint, CULong>)this[FinalizeFunction])(0);
        }
    }
}
