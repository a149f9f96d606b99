"""What agents send; shapes only, meaning is the services'."""

from rest_framework import serializers


class EnrolmentSerializer(serializers.Serializer):
    agent = serializers.CharField(max_length=4000)
    version = serializers.CharField(max_length=20)


class AuthenticationSerializer(EnrolmentSerializer):
    pass


class ModuleClaimsSerializer(serializers.Serializer):
    """What the agent signed, beside origin and step."""

    module_code = serializers.CharField(max_length=12)
    token = serializers.CharField(max_length=64)


class TokenRequestSerializer(serializers.Serializer):
    agent = serializers.CharField(max_length=4000)
