/* A token with a PIN pad, for tests: SoftHSM2 behind a protected authentication path.
 *
 * It hands every call on to the module named by PAD_MODULE, but says of the token that its PIN is typed
 * on the reader, refuses a PIN from the program, and takes the digits from the file PAD_KEYS instead.
 * An empty file is the cancel key. Order of the functions: PKCS #11 v2.40, section 3.6. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long CK_ULONG;
typedef CK_ULONG CK_RV;
typedef struct { unsigned char major, minor; void *calls[68]; } FunctionList;
typedef struct {
    unsigned char label[32], manufacturer[32], model[16], serial[16];
    CK_ULONG flags, rest[16];
} TokenInfo;

enum { GET_FUNCTION_LIST = 3, GET_TOKEN_INFO = 6, LOGIN = 18 };
enum { FUNCTION_CANCELED = 0x50, PIN_INCORRECT = 0xA0, ARGUMENTS_BAD = 0x07, GENERAL_ERROR = 0x05 };
enum { PROTECTED_AUTHENTICATION_PATH = 0x100 };

static FunctionList list;
static CK_RV (*real_token_info)(CK_ULONG, TokenInfo *);
static CK_RV (*real_login)(CK_ULONG, CK_ULONG, unsigned char *, CK_ULONG);

static CK_RV token_info(CK_ULONG slot, TokenInfo *info)
{
    CK_RV result = real_token_info(slot, info);
    if (result == 0)
        info->flags |= PROTECTED_AUTHENTICATION_PATH;
    return result;
}

static CK_RV login(CK_ULONG session, CK_ULONG user, unsigned char *pin, CK_ULONG length)
{
    unsigned char typed[16];
    FILE *keys;
    if (pin != NULL || length != 0)
        return ARGUMENTS_BAD;
    keys = fopen(getenv("PAD_KEYS"), "rb");
    if (keys == NULL)
        return GENERAL_ERROR;
    length = fread(typed, 1, sizeof typed, keys);
    fclose(keys);
    return length == 0 ? FUNCTION_CANCELED : real_login(session, user, typed, length);
}

CK_RV C_GetFunctionList(FunctionList **answer)
{
    CK_RV (*real)(FunctionList **);
    FunctionList *theirs;
    void *module = dlopen(getenv("PAD_MODULE"), RTLD_NOW);
    if (module == NULL)
        return GENERAL_ERROR;
    real = (CK_RV (*)(FunctionList **)) dlsym(module, "C_GetFunctionList");
    if (real == NULL || real(&theirs) != 0)
        return GENERAL_ERROR;
    memcpy(&list, theirs, sizeof list);
    real_token_info = (CK_RV (*)(CK_ULONG, TokenInfo *)) list.calls[GET_TOKEN_INFO];
    real_login = (CK_RV (*)(CK_ULONG, CK_ULONG, unsigned char *, CK_ULONG)) list.calls[LOGIN];
    list.calls[GET_TOKEN_INFO] = (void *) token_info;
    list.calls[LOGIN] = (void *) login;
    list.calls[GET_FUNCTION_LIST] = (void *) C_GetFunctionList;
    *answer = &list;
    return 0;
}
