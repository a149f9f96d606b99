/* A vendor's module that ends its process as soon as it is used. */
#include <stdlib.h>

unsigned long C_GetFunctionList(void **answer)
{
    (void) answer;
    abort();
}
