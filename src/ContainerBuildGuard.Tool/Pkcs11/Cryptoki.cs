using System.Runtime.InteropServices;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>Numbers of the PKCS #11 interface (OASIS PKCS #11 2.40, and 3.0 for Edwards curves; pkcs11t.h), as far as signing needs them.</summary>
internal static class Cryptoki
{
    public const uint Ok = 0;
    public const uint AlreadyInitialized = 0x191;
    public const uint AlreadyLoggedIn = 0x100;

    public const uint OsLockingOk = 0x2;
    public const uint SerialSession = 0x4;
    public const uint User = 1;
    public const uint ContextSpecific = 2;

    public const uint LoginRequired = 0x4;
    public const uint ProtectedAuthenticationPath = 0x100;
    public const uint TokenInitialized = 0x400;

    public const uint PublicKeyObject = 2;
    public const uint PrivateKeyObject = 3;
    public const uint RsaKey = 0;
    public const uint EcKey = 3;
    public const uint EdwardsKey = 0x40;

    public const uint ClassAttribute = 0x0;
    public const uint LabelAttribute = 0x3;
    public const uint KeyTypeAttribute = 0x100;
    public const uint IdAttribute = 0x102;
    public const uint ModulusAttribute = 0x120;
    public const uint PublicExponentAttribute = 0x122;
    public const uint EcParametersAttribute = 0x180;
    public const uint EcPointAttribute = 0x181;
    public const uint AlwaysAuthenticateAttribute = 0x202;

    public const uint RsaPkcs1 = 0x1;
    public const uint RsaPss = 0xd;
    public const uint Ecdsa = 0x1041;
    public const uint EdDsa = 0x1057;

    public const uint Sha256 = 0x250;
    public const uint Sha384 = 0x260;
    public const uint Sha512 = 0x270;
    public const uint MaskBySha256 = 2;
    public const uint MaskBySha384 = 3;
    public const uint MaskBySha512 = 4;
}

// CK_ULONG is the platform's unsigned long, and on Windows the structures are packed: with both said, one layout serves every platform.

/// <summary>CK_C_INITIALIZE_ARGS</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct InitializeArguments
{
    public nint CreateMutex;
    public nint DestroyMutex;
    public nint LockMutex;
    public nint UnlockMutex;
    public CULong Flags;
    public nint Reserved;
}

/// <summary>CK_ATTRIBUTE</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct AttributeTemplate
{
    public CULong Type;
    public nint Value;
    public CULong Length;
}

/// <summary>CK_RSA_PKCS_PSS_PARAMS</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct PssParameters
{
    public CULong Hash;
    public CULong Mask;
    public CULong SaltLength;
}

/// <summary>CK_MECHANISM</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Mechanism
{
    public CULong Type;
    public nint Parameter;
    public CULong ParameterLength;
}
